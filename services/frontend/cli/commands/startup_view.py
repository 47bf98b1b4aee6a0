"""How a start looks: a live table on a terminal, a line for each change elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from services.frontend.cli.host.startup import Progress
from services.frontend.cli.host.status import Phase, ServiceStatus
from services.frontend.cli.terminal import human_seconds, safe

_RESTARTS_WORTH_SHOWING = 1


class TableView:
    """The services as a table that changes in place."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8)
        self._spinners: dict[str, Spinner] = {}

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, progress: Progress) -> None:
        """Draw the services as they are now."""
        self._live.update(self._table(progress))

    def _table(self, progress: Progress) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=1)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(justify="right", min_width=9)
        table.add_column(style="dim", overflow="ellipsis", no_wrap=True)
        for service in progress.services:
            table.add_row(
                self._sign(service),
                service.name,
                service.role,
                Text(service.state.value, style=_style(service)),
                human_seconds(progress.ready_after_s.get(service.name, progress.elapsed_s)),
                safe(_remark(service)),
            )
        return table

    def _sign(self, service: ServiceStatus) -> RenderableType:
        if service.ready:
            return Text("✓", style="ok")
        return self._spinners.setdefault(service.name, Spinner("dots", style=_style(service)))


class LineView:
    """A line whenever a service changes its state."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, tuple[Phase, bool]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, progress: Progress) -> None:
        """Print what has changed since the last time."""
        for service in progress.services:
            now = (service.state, service.ready)
            if self._shown.get(service.name) != now:
                self._shown[service.name] = now
                self._console.print(f"{service.name:<13} {service.state.value} ({human_seconds(progress.elapsed_s)})")


def _style(service: ServiceStatus) -> str:
    if service.ready:
        return "ok"
    return "bad" if service.state is Phase.STOPPED else "warn"


def _remark(service: ServiceStatus) -> str:
    if service.ready and service.state is not Phase.OUTSIDE:
        return ""
    times = f"restarted {service.restarts}×" if service.restarts >= _RESTARTS_WORTH_SHOWING else ""
    return " · ".join(part for part in (times, service.detail) if part)
