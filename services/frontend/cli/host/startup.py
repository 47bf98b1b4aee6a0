"""Brings the platform up and watches it until every service is ready."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.frontend.cli.exits import CliError, InterruptedByUserError
from services.frontend.cli.host import preflight
from services.frontend.cli.host.log_files import last_lines
from services.frontend.cli.host.status import Phase, ServiceStatus, observe
from services.frontend.cli.host.supervisor import Supervisor, start_lock
from services.frontend.cli.settings import CliSettings

_LOOK_EVERY_S = 0.3
_TOO_MANY_RESTARTS = 6
_SHOWN_LOG_LINES = 15


@dataclass
class Progress:
    """The services as they come up, and after how many seconds each was ready."""

    services: list[ServiceStatus] = field(default_factory=list[ServiceStatus])
    ready_after_s: dict[str, float] = field(default_factory=dict[str, float])
    elapsed_s: float = 0.0

    @property
    def all_ready(self) -> bool:
        return bool(self.services) and all(service.ready for service in self.services)


def start(settings: CliSettings) -> bool:
    """Start the platform in the background; False when it is running already.

    Raises:
        CliError: it cannot start; the message says why.
    """
    supervisor = Supervisor(settings)
    with start_lock(settings.run_dir):
        if supervisor.is_running():
            _retry_stopped(supervisor)
            return False
        preflight.check(settings)
        preflight.create_secrets(settings)
        settings.marker.write_text(json.dumps(settings.addresses(), indent=2) + "\n", encoding="utf-8")
        try:
            supervisor.start()
        except CliError:
            settings.marker.unlink(missing_ok=True)
            raise
    return True


def wait_ready(settings: CliSettings, *, show: Callable[[Progress], None]) -> Progress:
    """Watch until every service is ready.

    Raises:
        CliError: a service keeps dying, or the time is over.
        InterruptedByUserError: Ctrl-C; the start goes on in the background.
    """
    supervisor = Supervisor(settings)
    started, progress = time.monotonic(), Progress()
    before = {service.name: service.restarts for service in observe(settings, supervisor)}
    try:
        while not progress.all_ready:
            _update(progress, observe(settings, supervisor), elapsed_s=time.monotonic() - started)
            show(progress)
            _check_hope(settings, supervisor, progress, before)
            time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt as error:
        raise InterruptedByUserError(
            "Stopped watching; the platform goes on starting in the background.",
            hint="Run the same command again to go on, 'ragworks status' to look, 'ragworks down' to stop it.",
        ) from error
    return progress


def _retry_stopped(supervisor: Supervisor) -> None:
    for program in supervisor.states().values():
        if program.state in {"BACKOFF", "FATAL", "EXITED"}:
            supervisor.retry(program.name)


def _update(progress: Progress, services: list[ServiceStatus], *, elapsed_s: float) -> None:
    progress.services, progress.elapsed_s = services, elapsed_s
    for service in services:
        if service.ready:
            progress.ready_after_s.setdefault(service.name, elapsed_s)
        else:
            progress.ready_after_s.pop(service.name, None)


def _check_hope(settings: CliSettings, supervisor: Supervisor, progress: Progress, before: Mapping[str, int]) -> None:
    for service in progress.services:
        died = service.restarts - before.get(service.name, 0)
        if not service.ready and died >= _TOO_MANY_RESTARTS:
            raise _gave_up(settings, service, f"{service.name} keeps dying: it was restarted {died} times.")
    waiting = [service for service in progress.services if not service.ready]
    if waiting and progress.elapsed_s > settings.start_timeout_s:
        slow = ", ".join(service.name for service in waiting)
        raise _gave_up(settings, waiting[0], f"Not ready after {settings.start_timeout_s:.0f} s: {slow}.")
    if waiting and not supervisor.is_running() and not settings.marker.exists():
        raise CliError("The platform was stopped while it started.", hint="Another 'ragworks down' did that.")


def _gave_up(settings: CliSettings, service: ServiceStatus, message: str) -> CliError:
    if service.state is Phase.OUTSIDE:
        return CliError(message, hint=f"It is not started here: {service.detail}.")
    log = settings.logs_dir / f"{service.name}.log"
    lines = "\n".join(f"  │ {line}" for line in last_lines(log, _SHOWN_LOG_LINES))
    return CliError(message, hint=f"The end of {log}:\n{lines}\n  It is tried again until 'ragworks down'.")
