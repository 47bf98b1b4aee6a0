"""Runs the service: `python -m services.embedding`."""

from services.embedding.app import build_app
from services.embedding.settings import EmbeddingSettings
from services.shared.kit.server import serve
from services.shared.kit.telemetry import configure_telemetry


def main() -> None:
    """Serve until told to stop."""
    settings = EmbeddingSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
