"""How the processes of the platform are, put together from supervisord and their own health pages."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from services.frontend.cli.host.catalogue import Service, managed_services, needed_services
from services.frontend.cli.host.probes import Readiness, probe_all
from services.frontend.cli.host.supervisor import ProgramState, Supervisor, restarts
from services.frontend.cli.settings import CliSettings


class Phase(StrEnum):
    """Where a process stands, in one word."""

    READY = "ready"
    STARTING = "starting"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class ServiceStatus:
    """One service, as `ragworks status` shows it."""

    name: str
    role: str
    state: Phase
    ready: bool
    detail: str
    pid: int | None = None
    uptime_s: float | None = None
    restarts: int = 0
    memory_bytes: int | None = None

    def as_dict(self) -> dict[str, object]:
        """The status for `--json`."""
        return asdict(self)


def observe(settings: CliSettings, supervisor: Supervisor) -> list[ServiceStatus]:
    """Every service now; this takes as long as the slowest health page (at most 3 s)."""
    programs = supervisor.states()
    needed = needed_services(settings)
    ready = probe_all(settings, needed)
    managed = {service.name for service in managed_services(settings)}
    return [
        _managed(service, settings, programs, ready[service.name])
        if service.name in managed
        else _outside(service, settings.address(service.name), ready[service.name])
        for service in needed
    ]


def memory_bytes(pid: int) -> int | None:
    """Resident memory of a process and its children."""
    import psutil

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(int(member.memory_info().rss) for member in family)
    except psutil.Error:
        return None


def _managed(
    service: Service, settings: CliSettings, programs: Mapping[str, ProgramState], readiness: Readiness
) -> ServiceStatus:
    program = programs.get(service.name)
    if program is None:
        return ServiceStatus(service.name, service.role, Phase.STOPPED, ready=False, detail="")
    restarted = restarts(settings.run_dir, service.name)
    return ServiceStatus(
        name=service.name,
        role=service.role,
        state=_phase(program, readiness, restarted),
        ready=program.running and readiness.ready,
        detail=readiness.detail if program.running else f"ended; see 'ragworks logs {service.name}'",
        pid=program.pid,
        uptime_s=round(time.time() - program.since, 1) if program.running else None,
        restarts=restarted,
    )


def _phase(program: ProgramState, readiness: Readiness, restarted: int) -> Phase:
    if program.running and readiness.ready:
        return Phase.READY
    if program.state in {"STOPPED", "STOPPING"}:
        return Phase.STOPPED
    return Phase.RESTARTING if restarted or not program.running else Phase.STARTING


def _outside(service: Service, url: str, readiness: Readiness) -> ServiceStatus:
    return ServiceStatus(
        name=service.name,
        role=service.role,
        state=Phase.OUTSIDE,
        ready=readiness.ready,
        detail=url if readiness.ready else f"{url} {readiness.detail or 'does not answer'}",
    )
