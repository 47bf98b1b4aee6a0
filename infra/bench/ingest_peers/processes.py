"""What running processes and their children cost: processor time, and memory at its peak."""

import threading
from collections.abc import Iterable, Mapping
from typing import Self

import psutil

_SAMPLES_EVERY_S = 0.25


def cpu_seconds(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    """Processor seconds so far of each process and its children, those that ended included."""
    return {name: _family_cpu_s(process) for name, process in processes.items()}


class PeakMemory:
    """Samples the resident memory of processes and their children, all added up, while the block runs."""

    def __init__(self, processes: Iterable[psutil.Process]) -> None:
        self._processes = list(processes)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._peak = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def mib(self) -> float:
        """The highest sum so far."""
        return self._peak / 1024**2

    def _sample(self) -> None:
        while not self._done.wait(_SAMPLES_EVERY_S):
            self._peak = max(self._peak, sum(map(_family_bytes, self._processes)))


def _family_bytes(process: psutil.Process) -> int:
    total = 0
    for member in (process, *process.children(recursive=True)):
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _family_cpu_s(process: psutil.Process) -> float:
    own = process.cpu_times()
    ended = own.children_user + own.children_system
    return own.user + own.system + ended + sum(map(_own_cpu_s, process.children(recursive=True)))


def _own_cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system
