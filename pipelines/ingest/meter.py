"""How long the stages take: for the job, for Prometheus, for traces."""

import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import Counter

from services.shared.kit.telemetry import tracer

STAGE_SECONDS = Counter("ragworks_ingest_stage_seconds_total", "Time spent in a stage.", ["stage"])
DOCUMENTS = Counter("ragworks_ingest_documents_total", "Documents that came to an end.", ["status"])
CHUNKS = Counter("ragworks_ingest_chunks_total", "Chunks embedded and indexed.")


class Meter:
    """Adds up a job's seconds by stage; stages overlap, so their sum may exceed the job's own time."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def time(self, stage: str) -> Generator[None]:
        """Count the block's time to a stage."""
        started = time.perf_counter()
        try:
            with tracer.start_as_current_span(f"ingest.{stage}"):
                yield
        finally:
            seconds = time.perf_counter() - started
            self._seconds[stage] += seconds
            STAGE_SECONDS.labels(stage).inc(seconds)

    def take(self) -> dict[str, float]:
        """The seconds since the last call."""
        taken = dict(self._seconds)
        self._seconds.clear()
        return taken
