"""Cheap rules that tell which requests are worth a look."""

import zlib
from collections.abc import Iterator, Sequence

from services.inference.domain.figures import CallFigures
from services.shared.contracts.requests import Flag, RequestOutput

_LONG_SHARE = 0.75
_TAIL_CHARS = 600
_LOOP_CHARS = 100
_LOOP_TIMES = 4
_LOOPS_PACK = 3.0
"""Prose is packed to about half; what is packed to less than a third may be a loop, and is looked at."""


def flags_of(
    figures: CallFigures, outputs: Sequence[RequestOutput], *, error_code: str, window: int | None, takeovers: int
) -> list[Flag]:
    """The flags of a call that has ended; `error_code` is empty when it ended well."""
    return list(_flags(figures, outputs, error_code, window, takeovers))


def _flags(
    figures: CallFigures, outputs: Sequence[RequestOutput], error_code: str, window: int | None, takeovers: int
) -> Iterator[Flag]:
    if any(each.finish_reason == "length" for each in outputs):
        yield Flag.LENGTH
    if not error_code and not any(each.content.strip() or each.tool_calls for each in outputs):
        yield Flag.EMPTY
    if any(is_loop(each.content) for each in outputs):
        yield Flag.REPETITION
    if error_code == "client_left":
        yield Flag.LEFT
    elif error_code:
        yield Flag.ERROR
    if figures.met_slo is False:
        yield Flag.SLOW
    if window and figures.usage and figures.usage.input >= _LONG_SHARE * window:
        yield Flag.LONG_PROMPT
    if takeovers:
        yield Flag.TAKEOVER


def is_loop(text: str) -> bool:
    """Whether a text ends in one piece that is said at least four times in a row, over a hundred characters or more."""
    if len(text) < _LOOP_CHARS:
        return False
    tail = text[-_TAIL_CHARS:]
    packed = tail.encode("utf-8", "replace")
    if len(packed) < _LOOPS_PACK * len(zlib.compress(packed, 1)):
        return False
    return any(
        length >= max(_LOOP_CHARS, _LOOP_TIMES * period) for length, period in enumerate(_periods(tail[::-1]), start=1)
    )


def _periods(text: str) -> Iterator[int]:
    """The smallest period of every beginning of the text (Knuth, Morris and Pratt, 1977)."""
    borders = [0]
    yield 1
    for position in range(1, len(text)):
        border = borders[-1]
        while border and text[position] != text[border]:
            border = borders[border - 1]
        borders.append(border + (text[position] == text[border]))
        yield position + 1 - borders[-1]
