"""Stops the platform: in order, then by force, and looks that nothing is left."""

import os
import time
from collections.abc import Callable, Iterable

import psutil

from services.frontend.cli.host.engine import clear_leftovers
from services.frontend.cli.host.guardian import supervisord_pid
from services.frontend.cli.host.supervisor import Supervisor, start_lock
from services.frontend.cli.settings import CliSettings

_LOOK_EVERY_S = 0.2
_KILL_WAIT_S = 10.0


def stop(settings: CliSettings, *, show: Callable[[list[str]], None]) -> bool:
    """Stop everything; False when nothing was running. `show` hears which programs are still there."""
    with start_lock(settings.run_dir):
        was_up = settings.marker.exists()
        settings.marker.unlink(missing_ok=True)  # from here on no guardian starts anything
        ours = _processes(settings)
        supervisor = Supervisor(settings)
        supervisor.shut_down()
        deadline = time.monotonic() + settings.stop_timeout_s
        while time.monotonic() < deadline and any(_alive(ours)):
            show([program.name for program in supervisor.states().values() if program.pid])
            time.sleep(_LOOK_EVERY_S)
        left = list(_alive(ours))
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=_KILL_WAIT_S)
        clear_leftovers(settings.engine_group_file)
        return was_up or bool(ours)


def _processes(settings: CliSettings) -> list[psutil.Process]:
    """Supervisord, the guardian, and everything below them."""
    roots = [pid for pid in (supervisord_pid(settings.run_dir), _guardian_pid(settings)) if pid is not None]
    found: dict[int, psutil.Process] = {}
    for pid in roots:
        try:
            root = psutil.Process(pid)
            found.update({process.pid: process for process in (root, *root.children(recursive=True))})
        except psutil.NoSuchProcess:
            continue
    found.pop(os.getpid(), None)
    return list(found.values())


def _guardian_pid(settings: CliSettings) -> int | None:
    try:
        pid = int((settings.run_dir / "guardian.lock").read_text(encoding="ascii"))
        process = psutil.Process(pid)
        return pid if any("guardian" in part for part in process.cmdline()) else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def _alive(processes: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.NoSuchProcess:
            continue
