"""What the stages do and how long they take: for the job, for Prometheus, for traces."""

import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import Counter

from services.shared.components.catalogue.work import StageWork
from services.shared.kit.telemetry import tracer

STAGE_SECONDS = Counter("ragworks_ingest_stage_seconds_total", "Time spent in a stage.", ["stage"])
DOCUMENTS = Counter("ragworks_ingest_documents_total", "Documents that came to an end.", ["status"])
CHUNKS = Counter("ragworks_ingest_chunks_total", "Chunks embedded and indexed.")


class Meter:
    """Adds up what a job did by stage; stages overlap, so the sum of their seconds may exceed the job's own time."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._counts: defaultdict[str, int] = defaultdict(int)

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

    def count(self, stage: str, number: int = 1) -> None:
        """Note what a stage has done: documents parsed; chunks cut, embedded, indexed."""
        self._counts[stage] += number

    def take(self) -> dict[str, StageWork]:
        """What was done since the last call, by stage."""
        taken = {stage: StageWork(seconds, self._counts[stage]) for stage, seconds in self._seconds.items()}
        self._seconds.clear()
        self._counts.clear()
        return taken
