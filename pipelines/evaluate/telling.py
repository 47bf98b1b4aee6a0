"""What the evaluator tells whoever started it: one JSON object a line, on standard output."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

from services.shared.contracts.evaluation import Refusal, ReportWritten, StageProgress

_LOCK = threading.Lock()


def tell(event: StageProgress | Refusal | ReportWritten) -> None:
    """Write the event at once."""
    with _LOCK:
        sys.stdout.write(event.model_dump_json() + "\n")
        sys.stdout.flush()


class Stage:
    """A stage that several threads may advance."""

    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def advance(self, by: int = 1) -> None:
        """So many more."""
        with self._lock:
            self._done += by
            self.show(self._done)

    def show(self, done: int, *, note: str = "") -> None:
        """So many are done."""
        tell(StageProgress(stage=self._name, done=done, total=self._total, note=note))


@contextmanager
def stage(name: str, *, total: int) -> Generator[Stage]:
    """A stage of the work."""
    shown = Stage(name, total)
    shown.show(0)
    yield shown
