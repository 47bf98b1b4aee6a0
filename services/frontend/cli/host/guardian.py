"""Starts supervisord again when it was killed, for as long as the platform is meant to be up.

Supervisord runs the guardian as one of its programs, so each restarts the other. A lock makes sure that only one
guardian acts: a second one waits, tethered to its supervisord, until the first is gone.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil

from services.frontend.cli.host import tether

_LOOK_EVERY_S = 0.5
_START_GRACE_S = 10.0
_MAX_PAUSE_S = 30.0


def main() -> None:
    """`guardian MARKER CONFIG LOG`, started by supervisord."""
    marker, config, log = (Path(argument) for argument in sys.argv[1:])
    with (marker.parent / "guardian.lock").open("a+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tether.outlive_parent()
        _write_pid(lock)
        watch(marker, config=config, log=log)


def watch(marker: Path, *, config: Path, log: Path) -> None:
    """Keep supervisord running until the marker file is gone."""
    run_dir = marker.parent
    started: subprocess.Popen[bytes] | None = None
    pause_s = _LOOK_EVERY_S
    while marker.exists():
        if started is not None:
            started.poll()  # reaps it
        if supervisord_pid(run_dir) is not None:
            pause_s = _LOOK_EVERY_S
        else:
            _note(log, "supervisord_restarted")
            started = start_supervisord(config, output=log)
            _await_start(run_dir, started)
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)
        time.sleep(pause_s)


def supervisord_pid(run_dir: Path) -> int | None:
    """The pid of the running supervisord of this run folder."""
    try:
        pid = int((run_dir / "supervisord.pid").read_text(encoding="ascii"))
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        return pid if alive and any("supervisord" in part for part in process.cmdline()) else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


def start_supervisord(
    config: Path, *, output: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Supervisord in a session of its own, so that it lives on when its starter's terminal closes."""
    with output.open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )


def _await_start(run_dir: Path, started: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_GRACE_S
    while supervisord_pid(run_dir) is None and started.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)


def _write_pid(lock: IO[str]) -> None:
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def _note(log: Path, event: str) -> None:
    line = {"timestamp": datetime.now(UTC).isoformat(), "level": "warning", "service": "guardian", "event": event}
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
