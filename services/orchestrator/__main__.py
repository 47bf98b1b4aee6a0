"""Starts the orchestrator: `python -m services.orchestrator`."""

from services.shared.kit.loading import loading


def main() -> None:
    """Serve until told to stop."""
    with loading():
        from services.orchestrator.app import build_app
        from services.orchestrator.settings import OrchestratorSettings
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry

    settings = OrchestratorSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
