"""Joins words that a typesetter broke at the end of a line."""

import re

_BROKEN_WORD = re.compile(r"([^\W\d_]+)-\n[ \t]*([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+")


def join_hyphenated_lines(text: str) -> str:
    """Return `text` with `exam-\\nple` as `example`, where that is safe.

    Safe means that the joined word occurs elsewhere in the text: `well-\\nknown` keeps its hyphen unless the author
    also writes `wellknown`.
    """
    if "-\n" not in text:
        return text
    known = set(_WORD.findall(text))

    def joined(match: re.Match[str]) -> str:
        word = match[1] + match[2]
        return word if word in known else match[0]

    return _BROKEN_WORD.sub(joined, text)
