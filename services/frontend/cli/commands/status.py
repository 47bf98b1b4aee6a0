"""`ragworks status`: the processes, whether they are ready, what they cost."""

from dataclasses import replace

from rich.console import Console

from services.frontend.cli.exits import ExitCode
from services.frontend.cli.host.status import Phase, ServiceStatus, memory_bytes, observe
from services.frontend.cli.host.supervisor import Supervisor
from services.frontend.cli.settings import CliSettings, running_settings
from services.frontend.cli.terminal import human_bytes, human_seconds, output, print_json, safe, table

_STYLES = {Phase.READY: "ok", Phase.OUTSIDE: "accent", Phase.STOPPED: "bad"}


def run(*, as_json: bool) -> ExitCode:
    """Show the status; the exit code says whether everything is ready."""
    settings = running_settings()
    supervisor = Supervisor(settings)
    running = supervisor.is_running()
    services = [_with_memory(service) for service in observe(settings, supervisor)]
    ready = running and all(service.ready for service in services)
    if as_json:
        listed = [service.as_dict() for service in services]
        print_json({"running": running, "ready": ready, "url": settings.gateway_url, "services": listed})
    else:
        _print(output(), settings, services, running=running)
    if not running:
        return ExitCode.NOT_UP
    return ExitCode.OK if ready else ExitCode.PARTLY


def _with_memory(service: ServiceStatus) -> ServiceStatus:
    return service if service.pid is None else replace(service, memory_bytes=memory_bytes(service.pid))


def _print(console: Console, settings: CliSettings, services: list[ServiceStatus], *, running: bool) -> None:
    if not running:
        console.print("Ragworks is not running. Start it with [bold]make up[/].")
        return
    shown = table("service", "state", "pid", "uptime", "restarts", "memory", "", right=("pid", "restarts", "memory"))
    for column in shown.columns:
        column.no_wrap, column.overflow = True, "ellipsis"
    for column in shown.columns[:-1]:
        column.min_width = 8
    for service in services:
        shown.add_row(
            service.name,
            f"[{_STYLES.get(service.state, 'warn')}]{service.state.value}[/]",
            str(service.pid or ""),
            "" if service.uptime_s is None else human_seconds(service.uptime_s),
            str(service.restarts or ""),
            "" if service.memory_bytes is None else human_bytes(service.memory_bytes),
            f"[dim]{safe(service.detail)}[/]",
        )
    console.print(shown)
    total = sum(service.memory_bytes or 0 for service in services)
    console.print(f"\n[dim]{settings.gateway_url} · {human_bytes(total)} in all · state in {settings.home}[/]")
