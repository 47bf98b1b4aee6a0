"""Starts the orchestrator: `python -m services.orchestrator`."""

from services.orchestrator.app import build_app
from services.orchestrator.settings import OrchestratorSettings
from services.shared.kit.server import serve
from services.shared.kit.telemetry import configure_telemetry


def main() -> None:
    """Serve until told to stop."""
    settings = OrchestratorSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
