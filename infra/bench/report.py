"""The figures as a table in the terminal, as JSON, and as the block of docs/performance.md."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.bench.figures import Figure, Section
from infra.bench.machine import Machine, this_machine

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "performance.md"

_BEGIN, _END = "<!-- figures: begin, written by {command} -->", "<!-- figures: end -->"
_MET = {True: "met", False: "missed", None: ""}


def print_section(console: Console, section: Section) -> None:
    """The section as a table."""
    table = Table(title=section.title, title_justify="left", box=None, pad_edge=False)
    for heading in ("", "p50", "p95", "unit", "target", ""):
        table.add_column(heading, justify="right" if heading in {"p50", "p95"} else "left")
    for figure in section.figures:
        table.add_row(*_cells(figure))
    console.print()
    console.print(table)
    for note in section.notes:
        console.print(f"[dim]{note}[/]")


def write_json(sections: Sequence[Section], *, prefix: str = "") -> Path:
    """Write everything to bench/<prefix><time>.json; its path, relative to the repository."""
    now = datetime.now(UTC)
    path = REPOSITORY / "bench" / f"{prefix}{now:%Y-%m-%dT%H-%M-%SZ}.json"
    path.parent.mkdir(exist_ok=True)
    content = {
        "measured_at": now.isoformat(timespec="seconds"),
        "machine": asdict(this_machine()),
        "sections": [asdict(section) for section in sections],
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path.relative_to(REPOSITORY)


def write_page(sections: Sequence[Section], *, command: str = "make bench") -> Path:
    """Put the figures between the command's markers in docs/performance.md; its path, relative to the repository."""
    text, begin = PAGE.read_text(encoding="utf-8"), _BEGIN.format(command=command)
    if begin not in text or _END not in text:
        raise SystemExit(f"{PAGE.name} lacks the markers '{begin}' and '{_END}'.")
    block = f"{begin}\n{_markdown(sections, this_machine())}\n{_END}"
    page = re.sub(rf"{re.escape(begin)}.*?{re.escape(_END)}", lambda _: block, text, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")
    return PAGE.relative_to(REPOSITORY)


def _markdown(sections: Sequence[Section], machine: Machine) -> str:
    measured = f"{datetime.now(UTC):%d %B %Y}, {machine.processor}, {machine.cores} cores, {machine.memory_gib:g} GiB"
    return "\n\n".join([f"Measured on {measured}, Python {machine.python}.", *map(_markdown_section, sections)])


def _markdown_section(section: Section) -> str:
    head = f"### {section.title}\n\n| | p50 | p95 | unit | target | |\n|---|---:|---:|---|---|---|"
    rows = ["| " + " | ".join(_cells(figure)) + " |" for figure in section.figures]
    return "\n".join([head, *rows]) + "".join(f"\n\n{note}" for note in section.notes)


def _cells(figure: Figure) -> list[str]:
    first = figure.value if figure.value is not None else figure.p50
    return [figure.name, _number(first), _number(figure.p95), figure.unit, figure.target, _MET[figure.met]]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
