"""Runs the service: `python -m services.retrieval`."""

from services.shared.kit.loading import loading


def main() -> None:
    """Serve until told to stop."""
    with loading():
        from services.retrieval.app import build_app
        from services.retrieval.settings import RetrievalSettings
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry

    settings = RetrievalSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
