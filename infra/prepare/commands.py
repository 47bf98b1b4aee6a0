"""Runs the tools: everything they say goes to the log, the step shows the last telling line, failures get advice."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console import Busy, PrepareError

_TELLING = re.compile(
    r"^(Downloading|Downloaded|Resolved|Prepared|Installed|Building|Built"  # uv
    r"|reading|writing|checking|exporting|quantising|comparing)\b"  # our converters
)
_NOISE = re.compile(
    r"^\s*$|^warning:|Warning|^WARNING: Location|deprecated|^\s*if \(|^Notes:|^Key\s|^-{3}|LOAD REPORT|UNEXPECTED"
)
_TAIL_LINES = 12


@dataclass(frozen=True)
class Cause:
    """A known reason of failures, recognised in what a tool printed."""

    pattern: re.Pattern[str]
    message: str
    advice: str


_CAUSES = (
    Cause(
        re.compile(r"No space left|os error 28|Errno 28"),
        "The disk is full.",
        "Free some space and run the same command again: it goes on where it stopped.",
    ),
    Cause(
        re.compile(
            r"dns error|failed to lookup|error sending request|Could not connect|timed out|Connection refused"
            r"|Temporary failure in name|NewConnectionError|Network is unreachable|from versions: none"
        ),
        "No connection to the package index.",
        "Check the network (and HTTPS_PROXY, PIP_INDEX_URL where they apply), then run the same command again: "
        "it goes on where it stopped.",
    ),
    Cause(
        re.compile(r"No solution found|No matching distribution"),
        "The package index does not offer what is needed.",
        "The lines above name the package. A mirror that lacks it, or another Python version "
        "(PYTHON=python3.12 make ...), is the usual reason.",
    ),
)


@dataclass(frozen=True)
class Runner:
    """Runs commands from the repository's root with one environment and one log file."""

    root: Path
    log: Path
    environment: Mapping[str, str]
    running: set[subprocess.Popen[str]] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """End every command that runs now, from whichever thread it was started, and start no other."""
        self.stopped.set()
        for process in tuple(self.running):
            _end(process)

    def run(self, step: Busy, command: list[str], *, extra: Mapping[str, str] | None = None) -> None:
        """Run a command to its end.

        Raises:
            PrepareError: it failed; the message has the last lines, the advice what is known about such failures.
        """
        tail = self._follow(step, command, {**self.environment, **(extra or {})})
        if tail is not None:
            raise self._failure(command, tail)

    def succeeds(self, step: Busy, command: list[str], *, extra: Mapping[str, str] | None = None) -> bool:
        """Run a command that may fail."""
        return self._follow(step, command, {**self.environment, **(extra or {})}) is None

    def quick(self, command: list[str], *, limit_s: float, extra: Mapping[str, str] | None = None) -> bool:
        """Whether a silent command succeeds within the limit."""
        try:
            with self.log.open("a", encoding="utf-8") as log:
                ended = subprocess.run(
                    command,
                    cwd=self.root,
                    env={**self.environment, **(extra or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=limit_s,
                    check=False,
                )
        except (subprocess.TimeoutExpired, OSError):
            return False
        return ended.returncode == 0

    def _follow(self, step: Busy, command: list[str], environment: Mapping[str, str]) -> list[str] | None:
        """The last lines of a command that failed; None when it succeeded."""
        tail: list[str] = []
        if self.stopped.is_set():
            return ["stopped"]
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(command)}\n")
            process = _start(command, self.root, environment)
            self.running.add(process)
            try:
                for line in process.stdout or ():
                    log.write(line)
                    log.flush()
                    _note(step, tail, line)
                code = process.wait()
            except BaseException:
                _end(process)
                raise
            finally:
                self.running.discard(process)
            log.write(f"exit status {code}\n")
        return tail if code else None

    def _failure(self, command: list[str], tail: list[str]) -> PrepareError:
        text = "\n".join(tail)
        for cause in _CAUSES:
            if cause.pattern.search(text):
                return PrepareError(f"{cause.message}\n{text}", advice=f"{cause.advice}\nEverything is in {self.log}")
        name = " ".join(Path(part).name for part in command[:3])
        return PrepareError(f"'{name}' failed:\n{text}", advice=f"Everything is in {self.log}")


def _start(command: list[str], root: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=root,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # so that all of it can be ended
    )


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _note(step: Busy, tail: list[str], line: str) -> None:
    stripped = line.strip()
    if _NOISE.search(line):
        return
    tail.append(stripped)
    del tail[:-_TAIL_LINES]
    if _TELLING.match(stripped):
        step.says(stripped)
