"""Runs the service: `python -m services.inference`."""

from services.shared.kit.loading import loading


def main() -> None:
    """Serve until told to stop."""
    with loading():
        from services.inference.app import build_app
        from services.inference.settings import InferenceSettings
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry

    settings = InferenceSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
