"""Writes Markdown tables without padding: column alignment costs tokens and tells a model nothing."""

import re

_SEPARATOR_ROW = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_PADDING = re.compile(r"[ \t]{2,}(?=\|)|(?<=\|)[ \t]{2,}")
_LONG_RULE = re.compile(r"-{4,}")


def compact_tables(text: str) -> str:
    """Return `text` with the padding of its table rows and the dashes under table headers shortened."""
    if "|" not in text:
        return text
    return "\n".join(compact_row(line) if line.lstrip().startswith("|") else line for line in text.split("\n"))


def compact_row(line: str) -> str:
    """One table row without padding."""
    if is_separator_row(line):
        return _LONG_RULE.sub("---", line.replace(" ", ""))
    return _PADDING.sub(" ", line)


def is_separator_row(line: str) -> bool:
    """True for the row of dashes between a Markdown table's header and its body."""
    return "-" in line and "|" in line and _SEPARATOR_ROW.match(line) is not None
