"""`ragworks logs`: the logs of the processes, readable, and followed if wanted."""

import json
import time
from pathlib import Path
from typing import cast

from rich.console import Console

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.host.catalogue import SERVICES
from services.frontend.cli.host.log_files import Follower, last_lines
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, safe

_LOOK_EVERY_S = 0.3
_NAMES = (*(service.name for service in SERVICES), "supervisord", "guardian")
_LEVEL_STYLES = {"warning": "warn", "error": "bad", "critical": "bad", "debug": "dim"}
_COLOURS = (
    "cyan",
    "green",
    "magenta",
    "blue",
    "yellow",
    "bright_cyan",
    "bright_green",
    "bright_magenta",
    "bright_blue",
)
_NOT_FIELDS = frozenset({"timestamp", "level", "event", "service", "trace_id"})


def run(service: str | None, *, lines: int, follow: bool, raw: bool) -> None:
    """Print the end of one log or of all, then what is added."""
    if service is not None and service not in _NAMES:
        raise CliError(
            f"There is no service '{service}'.", hint=f"Services: {', '.join(_NAMES)}.", exit_code=ExitCode.USAGE
        )
    folder = running_settings().logs_dir
    names = [service] if service else [name for name in _NAMES if (folder / f"{name}.log").exists()]
    if not names or (service and not (folder / f"{service}.log").exists()):
        raise CliError(f"There are no logs in {folder} yet.", hint="'make up' starts the platform.")
    printer = _Printer(output(), raw=raw, prefixed=service is None)
    followers = {name: Follower(folder / f"{name}.log") for name in names}
    for name, line in _ends(folder, names, lines):
        printer.print(name, line)
    while follow:
        for name, follower in followers.items():
            for line in follower.new_lines():
                printer.print(name, line)
        time.sleep(_LOOK_EVERY_S)


def _ends(folder: Path, names: list[str], lines: int) -> list[tuple[str, str]]:
    if len(names) == 1:
        return [(names[0], line) for line in last_lines(folder / f"{names[0]}.log", lines)]
    # Lines without a time of their own belong to the one before them.
    timed: list[tuple[str, str, str]] = []
    for name in names:
        at = ""
        for line in last_lines(folder / f"{name}.log", lines):
            at = str((_event(line) or {}).get("timestamp", at))
            timed.append((at, name, line))
    timed.sort(key=lambda entry: entry[0])
    return [(name, line) for _, name, line in timed[-lines:]]


class _Printer:
    def __init__(self, console: Console, *, raw: bool, prefixed: bool) -> None:
        self._console = console
        self._raw = raw
        self._prefixed = prefixed

    def print(self, name: str, line: str) -> None:
        if self._raw:
            print(line, flush=True)
            return
        colour = _COLOURS[_NAMES.index(name) % len(_COLOURS)]
        prefix = f"[{colour}]{name:<12}[/] " if self._prefixed else ""
        self._console.print(prefix + _readable(line), soft_wrap=True)


def _readable(line: str) -> str:
    event = _event(line)
    if event is None:
        return safe(line)
    style = _LEVEL_STYLES.get(str(event.get("level", "")).lower())
    what = safe(str(event["event"]))
    fields = " ".join(f"{name}={value}" for name, value in event.items() if name not in _NOT_FIELDS)
    clock = safe(str(event.get("timestamp", ""))[11:19])
    return f"[dim]{clock}[/] {f'[{style}]{what}[/]' if style else what} [dim]{safe(fields)}[/]".strip()


def _event(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, object]", value) if isinstance(value, dict) and "event" in value else None
