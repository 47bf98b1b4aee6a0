"""`python -m pipelines.ingest`: the ingest worker."""

from services.shared.kit.loading import loading


def main() -> None:
    """Work until told to stop."""
    with loading():
        from pipelines.ingest.settings import IngestSettings
        from pipelines.ingest.worker import build_worker
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry

    settings = IngestSettings()
    configure_telemetry(settings)
    serve(build_worker(settings), settings)


if __name__ == "__main__":
    main()
