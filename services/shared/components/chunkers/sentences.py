"""Where sentences end, by punctuation and in many scripts: no model, no list of languages.

Thai, Lao and Tibetan write no such ends: their paragraphs are one sentence each, which is cut when it is too long.
"""

import re
from collections.abc import Iterator

_CLOSING = r"""["'”’»›)\]」』】）》]*"""
_END = re.compile(
    rf"[.!?…]+{_CLOSING}(?=\s)"  # Latin, Greek, Cyrillic, Hebrew, Korean: a space follows
    rf"|[。！？｡．]+{_CLOSING}"  # Chinese, Japanese: none has to
    rf"|[؟۔।॥։።፧፨၊။។៕]+{_CLOSING}"  # Arabic, Urdu, Indic, Armenian, Ethiopic, Burmese, Khmer
)
_LAST_WORD = re.compile(r"[\w.]*\Z")
_WORD_CHARS = 24
_GAP_CHARS = 8
_INITIALS = re.compile(r"(?:\w\.)*[^\W\d_]")
_ABBREVIATION = re.compile(
    r"abb|abs|al|approx|art|aufl|bd|bspw|bzw|ca|cf|cit|co|corp|dept|dr|eds?|eqs?|etc|evtl|figs?|gen|ggf|hrsg|inc|inkl"
    r"|jr|ltd|max|mgr|min|mio|mlle|mme|mrs?|ms|no|nr|op|pp|prof|resp|rev|sen|sig|sra?|st|str|tab|tel|usw|vgl|vol|vs|zzgl",
    re.IGNORECASE,
)


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences in `text[start:end]`, in order, without the white space between them.

    Nothing ends before a small letter, and no full stop after an abbreviation, an initial or the number of an item.
    """
    first = start
    for match in _END.finditer(text, start, end):
        if _goes_on(text, match.end(), end) or (match[0] == "." and _is_inside(text, first, match.start())):
            continue
        yield from _trimmed(text, first, match.end())
        first = match.end()
    yield from _trimmed(text, first, end)


def _goes_on(text: str, position: int, end: int) -> bool:
    return text[position : min(end, position + _GAP_CHARS)].lstrip()[:1].islower()


def _is_inside(text: str, first: int, stop: int) -> bool:
    """Whether the full stop at `stop` belongs to the word before it."""
    word = _LAST_WORD.search(text, max(first, stop - _WORD_CHARS), stop)
    before = word[0] if word else ""
    if _ABBREVIATION.fullmatch(before) or _INITIALS.fullmatch(before):
        return True
    return before.isdigit() and not text[first : stop - len(before)].strip()


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    inner = text[start:end]
    if inner.strip():
        yield start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())
