"""Kills one process after the other, and starts each again."""

import random
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.chaos.watch import RARE, REST, Watch
from tests.integration.ingest.stack import Stack

_AIMED_SHARE, _HASTY_SHARE, _WORKER_SHARE = 0.5, 0.5, 0.6
_AIM_S, _RESUME_S = 2.0, 30.0
_POLL_S = 0.01
_WORKER = "ingest"


@dataclass(frozen=True)
class Kill:
    """A process that was killed; times in seconds from the kill."""

    victim: str
    phase: str
    ready_s: float | None
    """Until it was ready again; None when the next process was killed without waiting for that."""
    resumed_s: float | None
    """Until the ledger showed new progress once all were ready; None when nothing was under way."""
    embedded: int = 0
    """How many texts had been embedded by then."""


@dataclass
class Killer:
    """Its moments are random, and half of them are aimed at phases that are over in an instant."""

    stack: Stack
    watch: Watch
    chance: random.Random
    victims: tuple[str, ...]
    kills: list[Kill] = field(default_factory=list[Kill])
    broken: list[BaseException] = field(default_factory=list[BaseException])

    @contextmanager
    def at_work(self, kills: int) -> Generator[threading.Thread]:
        """Kill so many times while the block runs, and beyond it if the block is quicker; the thread that does."""
        thread = threading.Thread(target=self._kill_all, args=(kills,))
        thread.start()
        try:
            yield thread
        finally:
            thread.join()
        if self.broken:
            raise self.broken[0]

    def _kill_all(self, kills: int) -> None:
        try:
            for number in range(kills):
                self._kill(last=number == kills - 1)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's own thread
            self.broken.append(error)

    def _kill(self, *, last: bool) -> None:
        victim = self._moment()
        phase = self.watch.phase()
        embedded = self.stack.texts_logged()
        self.stack.kill(victim)
        at = time.monotonic()
        before = self.watch.progress()
        self.stack.launch(victim)
        if not last and self.chance.random() < _HASTY_SHARE:
            self.kills.append(Kill(victim, phase, None, None, embedded))
            return
        self.stack.await_ready(victim)
        ready = time.monotonic() - at
        for name in self.victims:  # others that were killed just before
            self.stack.await_ready(name)
        resumed = None if phase == REST else self._resumed(at, before)
        self.kills.append(Kill(victim, phase, round(ready, 3), resumed and round(resumed, 3), embedded))

    def _moment(self) -> str:
        """Wait for the moment; whom to kill at it."""
        time.sleep(self.chance.uniform(0.05, 1.5))
        if self.chance.random() >= _AIMED_SHARE:
            return self.chance.choice(self.victims)
        aim, deadline = self.chance.choice(RARE), time.monotonic() + _AIM_S
        while time.monotonic() < deadline and not self.watch.is_at(aim):
            time.sleep(_POLL_S)
        time.sleep(self.chance.uniform(0.0, 0.02))
        return _WORKER if self.chance.random() < _WORKER_SHARE else self.chance.choice(self.victims)

    def _resumed(self, at: float, before: object) -> float | None:
        deadline = time.monotonic() + _RESUME_S
        while time.monotonic() < deadline:
            if self.watch.progress() != before:
                return time.monotonic() - at
            if self.watch.phase() == REST:
                return None
            time.sleep(0.02)
        return time.monotonic() - at
