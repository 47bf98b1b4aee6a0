"""Ties a process to its supervisor, then becomes the real program: `tether.py NAME RUN_DIR NICE ARGUMENTS...`.

The kernel kills the process when the supervisor dies, so that a restarted supervisor finds every port and lock
free. Each start leaves a line in `RUN_DIR/NAME.starts`, which is how restarts are counted. It runs before every
process of the platform (with `python -I -S`), so it imports next to nothing.
"""

import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGKILL when the parent dies (Linux; elsewhere processes outlive a killed supervisor)."""
    if not sys.platform.startswith("linux"):
        return
    _set_parent_death_signal(signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def outlive_parent() -> None:
    """Take `die_with_parent` back."""
    if sys.platform.startswith("linux"):
        _set_parent_death_signal(0)


def _set_parent_death_signal(number: int) -> None:
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def main() -> None:
    """Tether this process, count its start, become the program."""
    die_with_parent(os.getppid())
    name, run_dir, nice, *arguments = sys.argv[1:]
    with (Path(run_dir) / f"{name}.starts").open("a", encoding="ascii") as starts:
        starts.write(f"{time.time():.3f} {os.getpid()}\n")
    if int(nice) > 0:
        os.nice(int(nice))
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - it becomes the program


if __name__ == "__main__":
    main()
