"""Supervisord and its guardian restart each other, and nothing outlives a supervisor that was killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from services.frontend.cli.host import guardian, tether
from tests.processes import wait_until

CONFIG = """
[supervisord]
pidfile = {run}/supervisord.pid
logfile = {run}/supervisord.log
nodaemon = true
silent = true

[program:sleeper]
command = {python} -I -S {tether} sleeper {run} 0 -c "import time; time.sleep(600)"
stdout_logfile = NONE
stderr_logfile = NONE

[program:guardian]
command = {python} -I -S {tether} guardian {run} 0 -m services.frontend.cli.host.guardian {run}/up {run}/conf {run}/log
autorestart = unexpected
startsecs = 0
startretries = 1000
stdout_logfile = NONE
stderr_logfile = NONE
"""


class Family:
    """A supervisord with a sleeping program and a guardian."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.marker = run / "up"

    def supervisord(self) -> int | None:
        return guardian.supervisord_pid(self.run)

    def guardian(self) -> int | None:
        text = (self.run / "guardian.lock").read_text() if (self.run / "guardian.lock").exists() else ""
        return int(text) if text.strip() and psutil.pid_exists(int(text)) else None

    def starts(self, name: str) -> list[int]:
        file = self.run / f"{name}.starts"
        return [int(line.split()[1]) for line in file.read_text().splitlines()] if file.exists() else []

    def settled(self) -> bool:
        return bool(self.supervisord() and self.guardian() and self.starts("sleeper"))


@pytest.fixture
def family(tmp_path: Path) -> Generator[Family]:
    made = Family(tmp_path)
    made.marker.touch()
    config = tmp_path / "conf"
    config.write_text(CONFIG.format(run=tmp_path, python=sys.executable, tether=tether.__file__))
    first = guardian.start_supervisord(config, output=tmp_path / "out")
    try:
        wait_until(made.settled, deadline_s=30, what="the family to be there")
        yield made
    finally:
        made.marker.unlink(missing_ok=True)
        _end(made, first)


def _end(made: Family, first: subprocess.Popen[bytes]) -> None:
    pids = [pid for pid in (made.supervisord(), made.guardian()) if pid]
    roots = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    everybody = [member for root in roots for member in (root, *root.children(recursive=True))]
    for process in everybody:
        process.terminate()
    psutil.wait_procs(everybody, timeout=15)
    first.kill()
    first.wait()


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_killed_supervisor_comes_back_and_takes_its_old_children_with_it(family: Family) -> None:
    before, sleeper = family.supervisord(), family.starts("sleeper")[-1]
    kill(before)
    wait_until(lambda: family.supervisord() not in {None, before}, deadline_s=15, what="a new supervisord")
    wait_until(lambda: len(family.starts("sleeper")) == 2, deadline_s=15, what="a new sleeper")
    assert gone(sleeper)


def test_a_killed_guardian_comes_back_and_guards_again(family: Family) -> None:
    before = family.guardian()
    kill(before)
    wait_until(lambda: family.guardian() not in {None, before}, deadline_s=15, what="a new guardian")
    supervisord = family.supervisord()
    kill(supervisord)
    wait_until(lambda: family.supervisord() not in {None, supervisord}, deadline_s=15, what="a new supervisord")


def test_a_guardian_ends_when_the_platform_is_meant_to_be_down(family: Family) -> None:
    watching = family.guardian()
    assert watching is not None
    family.marker.unlink()
    wait_until(lambda: gone(watching), deadline_s=15, what="the guardian to end")
    assert family.supervisord() is not None
