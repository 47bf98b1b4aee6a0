"""Joins words that a typesetter broke at the end of a line."""

import re

_BROKEN_WORD = re.compile(r"(?<=[^\W\d_]{2})-\n[ \t]*(?=[^\W\d_]{2})")


def join_hyphenated_lines(text: str) -> str:
    """Return `text` with `exam-\\nple` as `example`.

    Only where lower-case letters stand on both sides: a capital or a digit after the break (`Jean-\\nPaul`, `B-\\n12`) may
    be a real hyphen, which must stay.
    """
    return _BROKEN_WORD.sub(lambda match: _joint(text, match.start(), match.end()), text)


def _joint(text: str, hyphen: int, next_letter: int) -> str:
    around = text[hyphen - 1] + text[next_letter]
    return "" if around.islower() else text[hyphen:next_letter]
