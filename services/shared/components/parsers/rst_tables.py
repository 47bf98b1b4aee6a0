"""Reads the two kinds of tables that reStructuredText draws with characters."""

import re
from collections.abc import Iterator, Sequence

_SIMPLE_RULE = re.compile(r"=+(?: +=+)+")
_GRID_RULE = re.compile(r"\+(?:[-=]+\+)+")


def is_simple_rule(line: str) -> bool:
    """True for `====  ====`."""
    return _SIMPLE_RULE.fullmatch(line) is not None


def is_grid_rule(line: str) -> bool:
    """True for `+----+----+`."""
    return _GRID_RULE.fullmatch(line) is not None


def simple_rows(lines: Sequence[str]) -> Iterator[list[str]]:
    """The rows between the rules; a line with nothing in its first column goes on with the row above."""
    starts = [match.start() for match in re.finditer("=+", lines[0])]
    row: list[str] = []
    for line in lines[1:]:
        if is_simple_rule(line) or not line.strip():
            continue
        cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        if row and not cells[0]:
            row = _joined(row, cells)
            continue
        if row:
            yield row
        row = cells
    if row:
        yield row


def grid_rows(lines: Sequence[str]) -> Iterator[list[str]]:
    """The rows between the rules; each may have several lines."""
    row: list[str] = []
    for line in lines[1:]:
        if line.startswith("+"):
            if row:
                yield row
            row = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        row = _joined(row, cells) if row else cells
    if row:
        yield row


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    longest = max(len(first), len(second))
    padded = ([*cells, *[""] * (longest - len(cells))] for cells in (first, second))
    return [f"{above} {below}".strip() for above, below in zip(*padded, strict=True)]
