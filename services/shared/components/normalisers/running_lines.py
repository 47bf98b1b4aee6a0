"""Drops the headers and footers that repeat on the pages of a document."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
# Below this many pages a repeated first line is as likely a real title as a running header.
_MIN_PAGES = 3


def drop_running_lines(pages: Sequence[str]) -> list[str]:
    """Return the pages without first and last lines that repeat, page numbers aside, on a third of them or more.

    Headings and table rows are never dropped: a chapter title may open many pages.
    """
    needed = max(_MIN_PAGES, len(pages) // 3)
    edges = [_edges(page) for page in pages]
    heads = _frequent((_shape(head) for head, _ in edges), needed)
    feet = _frequent((_shape(foot) for _, foot in edges), needed)
    return [
        _without(page, head if _shape(head) in heads else "", foot if _shape(foot) in feet else "")
        for page, (head, foot) in zip(pages, edges, strict=True)
    ]


def _edges(page: str) -> tuple[str, str]:
    lines = page.strip("\n").split("\n")
    return lines[0], lines[-1]


def _shape(line: str) -> str:
    """The line with its numbers masked; empty when the line must not be taken for a header."""
    if line.lstrip().startswith(("#", "|", "```", "- ")) or len(line) > 200:
        return ""
    return _NUMBER.sub("0", line.strip())


def _frequent(shapes: Iterable[str], needed: int) -> set[str]:
    return {shape for shape, count in Counter(shapes).items() if shape and count >= needed}


def _without(page: str, head: str, foot: str) -> str:
    page = page.strip("\n")
    if head:
        page = page.removeprefix(head)
    if foot:
        page = page.removesuffix(foot)
    return page.strip("\n")
