"""What one pipeline reports of one run, as JSON on the last line of its output. Standard library only: peers use it."""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Run:
    """One pass of a pipeline over the documents. CPU seconds are those of all processes it has."""

    documents: int
    chunks: int
    cpu_s: float
    embedder_cpu_s: float
    wall_s: float
    peak_rss_mib: float
    setup_cpu_s: float = 0.0
    """Imports and loading the model, not in `cpu_s`: a service does that once."""

    @property
    def per_cpu_s(self) -> float:
        """Documents per processor second."""
        return self.documents / self.cpu_s


class EmbedderClock:
    """Adds up the processor time of calls; their threads' included."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    def around(self, call: Callable[P, R]) -> Callable[P, R]:
        """The call, timed."""

        def timed(*arguments: P.args, **named: P.kwargs) -> R:
            started = time.process_time()
            try:
                return call(*arguments, **named)
            finally:
                self.seconds += time.process_time() - started
                self.calls += 1

        return timed


def cpu_s() -> float:
    """Processor seconds of this process and its ended children so far."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def measure(work: Callable[[], tuple[int, int]], clock: EmbedderClock) -> Run:
    """Do the work, which returns how many documents and chunks it went over."""
    setup, embedded, started = cpu_s(), clock.seconds, time.perf_counter()
    documents, chunks = work()
    return Run(
        documents=documents,
        chunks=chunks,
        cpu_s=cpu_s() - setup,
        embedder_cpu_s=clock.seconds - embedded,
        wall_s=time.perf_counter() - started,
        peak_rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        setup_cpu_s=setup,
    )


def tell(**runs: Run) -> None:
    """Print the runs for the process that started this one."""
    sys.stdout.write("\n" + json.dumps({name: asdict(run) for name, run in runs.items()}) + "\n")
