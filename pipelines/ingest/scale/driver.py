"""Drives a Ray cluster for the ingest worker: its runs are Ray Data pipelines over a pool of `IngestNode`."""

import contextlib
import logging
import os
import queue
import threading
import warnings
from collections.abc import Generator, Sequence
from typing import Any, BinaryIO, cast

import ray
import ray.data
from ray.data import ActorPoolStrategy, DataContext
from ray.exceptions import RayError

from pipelines.ingest.scale.gate import Gate
from pipelines.ingest.scale.messages import (
    Answer,
    Connected,
    Ended,
    Report,
    Run,
    Stop,
    Task,
    Waits,
    decode,
    encode,
)
from pipelines.ingest.scale.node import REPORT, TASKS, IngestNode
from pipelines.ingest.settings import LOCAL_RAY, IngestSettings
from services.shared.components.parsers.wire import read_frame, write_frame

_BLOCK_DOCUMENTS = 32
"""What one worker takes at a time, and what is done again when it dies; fewer when there is less work than that."""
_LOCAL_STORE_BYTES = 256 * 1024 * 1024
_RETRIES = 3
_LOOK_S = 0.5


class Driver:
    """Runs, one after the other."""

    def __init__(self, settings: IngestSettings, answers: BinaryIO) -> None:
        self._settings = settings
        self._answers = answers
        self._writing = threading.Lock()
        self._gate: Any = None

    def connect(self) -> None:
        """Join the cluster, or make one of this machine."""
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": True}
        address = self._settings.ray_address
        if address == LOCAL_RAY:
            own = {"num_cpus": self._settings.ray_workers, "object_store_memory": _LOCAL_STORE_BYTES}
            ray.init("local", include_dashboard=False, **own, **quiet)
        else:
            ray.init(address, **quiet)
        DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        # No named parameter bounds how often a task is given to another worker; Ray is pinned while this one is there.
        warnings.filterwarnings("ignore", message="`ray_remote_args` is deprecated")
        self.say(Connected())

    def run(self, run: Run) -> None:
        """Have the tasks done; reports go out as they come."""
        self._gate = ray.remote(Gate).options(num_cpus=0).remote()
        try:
            with self._saying_what_is_awaited(self._gate):
                self._report(run)
        except Exception as error:  # noqa: BLE001 - the boundary of a run, whatever Ray raises
            self.say(Ended(_sentence(error)))
        else:
            self.say(Ended())
        finally:
            ray.kill(self._gate)  # workers that still live store nothing from now on
            self._gate = None

    def stop(self) -> None:
        """Let no further task of the run be begun."""
        gate = self._gate
        if gate is not None:
            gate.close.remote()

    def say(self, answer: Answer) -> None:
        """Send an answer to the ingest worker."""
        with self._writing:
            write_frame(self._answers, encode(answer))

    def _report(self, run: Run) -> None:
        workers = max(1, min(self._settings.ray_workers, int(ray.cluster_resources().get("CPU", 1))))
        blocks = [{TASKS: encode(block)} for block in _blocks(run.tasks, workers)]
        reports = ray.data.from_items(blocks, override_num_blocks=len(blocks)).map_batches(
            cast("Any", IngestNode),
            batch_size=1,
            batch_format="pyarrow",
            fn_constructor_args=(self._settings, run.job, self._gate),
            compute=ActorPoolStrategy(size=min(workers, len(blocks))),
            num_cpus=1,
            max_task_retries=_RETRIES,
        )
        for batch in reports.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
            for report in cast("Any", batch)[REPORT]:
                self.say(cast("Report", decode(report.as_py())))

    @contextlib.contextmanager
    def _saying_what_is_awaited(self, gate: object) -> Generator[None]:
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(gate, over), daemon=True)
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()

    def _watch(self, gate: object, over: threading.Event) -> None:
        said: str | None = None
        while not over.wait(_LOOK_S):
            try:
                waits = cast("str | None", ray.get(cast("Any", gate).waits.remote(), timeout=_LOOK_S))
            except RayError:  # it is late or lost: the run itself says what is wrong
                continue
            if waits != said:
                said = waits
                self.say(Waits(waits))


def serve(settings: IngestSettings, requests: BinaryIO, answers: BinaryIO) -> None:
    """Do as the ingest worker says until it closes the pipe, which ends the process."""
    driver = Driver(settings, answers)
    driver.connect()
    runs: queue.SimpleQueue[Run] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, driver, runs), daemon=True).start()
    while True:
        driver.run(runs.get())


def _listen(requests: BinaryIO, driver: Driver, runs: "queue.SimpleQueue[Run]") -> None:
    while (frame := read_frame(requests)) is not None:
        match decode(frame):
            case Run() as run:
                runs.put(run)
            case Stop():
                driver.stop()
            case _:
                pass
    ray.shutdown()  # the ingest worker is gone; ends a cluster of our own, and our workers on another
    os._exit(0)


def _blocks(tasks: Sequence[Task], workers: int) -> list[tuple[Task, ...]]:
    size = max(1, min(_BLOCK_DOCUMENTS, -(-len(tasks) // workers)))
    return [tuple(tasks[start : start + size]) for start in range(0, len(tasks), size)]


def _sentence(error: Exception) -> str:
    """The error in a line: what a worker raised, without the traces around it."""
    cause: BaseException = error
    while (deeper := getattr(cause, "cause", None) or cause.__cause__) is not None and deeper is not cause:
        cause = deeper
    lines = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {lines[-1]}"
