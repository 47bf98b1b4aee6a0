"""What the user sees: results on stdout, progress and errors on stderr, JSON when a script asks for it."""

import json
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TextIO

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.theme import Theme

from services.frontend.cli.exits import CliError

_WIDTH_OF_A_FILE = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_THEME = Theme({"ok": "green", "warn": "yellow", "bad": "red", "dim": "bright_black", "accent": "cyan"})


def output() -> Console:
    """The console for results; plain when it is not a terminal or NO_COLOR is set."""
    return Console(theme=_THEME, highlight=False, emoji=False, width=_width(sys.stdout))


def notices() -> Console:
    """The console for progress, hints and errors."""
    return Console(theme=_THEME, highlight=False, emoji=False, stderr=True, width=_width(sys.stderr))


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def show_error(error: CliError) -> None:
    """What happened, and what to do."""
    console = notices()
    console.print(f"[bad]✗[/] {safe(error.message)}")
    if error.hint:
        console.print(f"[dim]  {safe(error.hint)}[/]")


def progress_bar(console: Console, *, transient: bool = False) -> Progress:
    """A bar with counts, time and ETA; `note` is a task's own word at its end."""
    return Progress(
        SpinnerColumn(style="accent"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28, complete_style="accent", finished_style="ok"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]ETA[/]"),
        TimeRemainingColumn(compact=True),
        TextColumn("[dim]{task.fields[note]}[/]"),
        console=console,
        transient=transient,
        disable=not console.is_terminal,
    )


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """An airy table; columns named in `right` are numbers."""
    made = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def human_bytes(count: float) -> str:
    """`1.5 MiB`"""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def human_seconds(seconds: float) -> str:
    """`42 s`, `3 min 05 s`, `2 h 10 min`"""
    whole = round(timedelta(seconds=seconds).total_seconds())
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def plural(count: int, noun: str) -> str:
    """`1 document`, `1,200 documents`"""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _width(stream: TextIO) -> int | None:
    return None if stream.isatty() else _WIDTH_OF_A_FILE


def plain(text: str) -> str:
    """Text from elsewhere without control characters: a document must not be able to steer the terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def safe(text: str) -> str:
    """Text from elsewhere as markup that shows it as it is."""
    return escape(plain(text))


def place(title: str, *, source: str, page: int | None) -> str:
    """`title — source, page 3`, as markup; a title that only repeats the source is left out."""
    where = safe(source) + (f", page {page}" if page is not None else "")
    repeats = not title or title in {source, source.rsplit("/", maxsplit=1)[-1]}
    return where if repeats else f"[bold]{safe(title)}[/] [dim]— {where}[/]"
