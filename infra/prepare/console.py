"""What the user sees while things are prepared: numbered steps, signs of life, errors that say what to do."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

_LIFE_EVERY_S = 1.0
_LIFE_EVERY_S_IN_A_FILE = 15.0


class PrepareError(Exception):
    """Preparation cannot go on; `advice` says what the user can do."""

    def __init__(self, message: str, *, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class Busy(Protocol):
    """What tells the user what is being done."""

    def says(self, detail: str) -> None:
        """What is being done just now, shown at the next sign of life."""
        ...


class Step:
    """One numbered step. Its line is rewritten in a terminal and repeated now and then in a file."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._started = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._details: dict[str, str] = {}
        self._result = "done"
        self._ended = threading.Event()

    def says(self, detail: str) -> None:
        """What the step is busy with, shown at the next sign of life."""
        self._details[""] = detail

    def part(self, name: str) -> StepPart:
        """One of several things that the step does at the same time."""
        return StepPart(self._details, name)

    def ends_as(self, result: str) -> None:
        """What stands behind the step once it is over."""
        self._result = result

    @property
    def elapsed_s(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._started

    def show_life(self) -> None:
        """Runs beside the step until it is over."""
        every = _LIFE_EVERY_S if self._terminal else _LIFE_EVERY_S_IN_A_FILE
        while not self._ended.wait(every):
            detail = "; ".join(list(self._details.values()))
            self._write(f"{self._label} {self.elapsed_s:.0f} s  {detail}", final=False)

    def close(self, *, failed: bool) -> None:
        """Stop the signs of life and write the last line."""
        self._ended.set()
        result = "failed" if failed else self._result
        self._write(f"{self._label} {result} ({self.elapsed_s:.1f} s)", final=True)

    def _write(self, line: str, *, final: bool) -> None:
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            print("\r\033[K" + line[:width], end="\n" if final else "", flush=True)
        else:
            print(line, flush=True)


class StepPart:
    """A part of a step, which says by itself what it is busy with."""

    def __init__(self, details: dict[str, str], name: str) -> None:
        self._details = details
        self._name = name

    def says(self, detail: str) -> None:
        """What the part is busy with, shown at the step's next sign of life."""
        self._details[self._name] = detail


class Steps:
    """The steps of one run, numbered as they come."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Generator[Step]:
        """One step while the block runs."""
        self._number += 1
        step = Step(f"[{self._number}/{self._total}] {title:<34}")
        life = threading.Thread(target=step.show_life, daemon=True)
        life.start()
        failed = True
        try:
            yield step
            failed = False
        finally:
            step.close(failed=failed)
            life.join()


def note(text: str) -> None:
    """A line of its own."""
    print(text, flush=True)
