"""`python -m pipelines.ingest`: the ingest worker."""

from pipelines.ingest.settings import IngestSettings
from pipelines.ingest.worker import build_worker
from services.shared.kit.server import serve
from services.shared.kit.telemetry import configure_telemetry


def main() -> None:
    """Work until told to stop."""
    settings = IngestSettings()
    configure_telemetry(settings)
    serve(build_worker(settings), settings)


if __name__ == "__main__":
    main()
