"""What of a ranking is worth showing: each passage once, and nothing twice."""

import re
from collections.abc import Iterable, Iterator

from services.shared.contracts.search import Passage

_WORD = re.compile(r"\w+")
_WORDS_TOGETHER = 3


def first_of_each_passage(ranked: Iterable[Passage]) -> Iterator[Passage]:
    """Of the chunks that are read in the same larger passage only the best."""
    seen: set[tuple[str, str, tuple[int, int]]] = set()
    for each in ranked:
        chunk = each.chunk
        place = (chunk.document_id, chunk.document_version, chunk.parent or (chunk.index, chunk.index))
        if place not in seen:
            seen.add(place)
            yield each


def without_repeats(ranked: Iterable[Passage], *, threshold: float) -> Iterator[Passage]:
    """Leave out what says nearly the same as a better one, whichever document it is of.

    Args:
        threshold: share of the sequences of three words in both among those in either, 0 to 1.
    """
    shown: list[frozenset[str]] = []
    for each in ranked:
        sequences = _sequences(each.chunk.text)
        if all(_similarity(sequences, other) < threshold for other in shown):
            shown.append(sequences)
            yield each


def repeated(passage: Passage, shown: Iterable[Passage], *, threshold: float) -> Passage | None:
    """The first of what is shown that says nearly the same as a passage that is left out."""
    sequences = _sequences(passage.chunk.text)
    return next((each for each in shown if _similarity(sequences, _sequences(each.chunk.text)) >= threshold), None)


def _sequences(text: str) -> frozenset[str]:
    words = _WORD.findall(text.lower())
    last = max(1, len(words) - _WORDS_TOGETHER + 1)
    return frozenset(" ".join(words[at : at + _WORDS_TOGETHER]) for at in range(last))


def _similarity(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / len(first | second)
