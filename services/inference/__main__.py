"""Runs the service: `python -m services.inference`."""

from services.inference.app import build_app
from services.inference.settings import InferenceSettings
from services.shared.kit.server import serve
from services.shared.kit.telemetry import configure_telemetry


def main() -> None:
    """Serve until told to stop."""
    settings = InferenceSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
