"""Finds almost equal documents by their signatures: candidates by locality-sensitive hashing, then each compared."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import eq

_BAND_VALUES = 4
"""A candidate has four neighbouring values in common: at a similarity of 0.6, 99 of 100 pairs do somewhere."""

_MOST_TOGETHER = 20
"""Documents that are kept for one band: of many almost equal ones the first few stand for all."""

LOWEST_THRESHOLD = 0.6


@dataclass(frozen=True, slots=True)
class Signed:
    """A document with its signature."""

    id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Likeness:
    """A document, the earlier one it is most like, and the share of their word sequences that both have."""

    id: str
    like: str
    similarity: float


class NearIndex:
    """Documents that later ones are compared with."""

    def __init__(self) -> None:
        self._bands: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)
        self._documents: list[tuple[str, array[int]]] = []

    def nearest(self, document: Signed, *, threshold: float) -> Likeness | None:
        """The most similar of the documents, if it is at least as similar as that."""
        values = _values(document.signature)
        candidates = {number for band in _bands(document.signature) for number in self._bands.get(band, ())}
        found = [(_similarity(values, self._documents[number][1]), -number) for number in candidates]
        similarity, number = max(found, default=(0.0, 0))
        return Likeness(document.id, self._documents[-number][0], similarity) if similarity >= threshold else None

    def add(self, document: Signed) -> None:
        """Compare later documents with this one, too."""
        number = len(self._documents)
        self._documents.append((document.id, _values(document.signature)))
        for band in _bands(document.signature):
            together = self._bands[band]
            if len(together) < _MOST_TOGETHER:
                together.append(number)


def likenesses(documents: Iterable[Signed], *, threshold: float) -> Iterator[Likeness]:
    """Each document that is almost equal to an earlier one; a threshold of at least `LOWEST_THRESHOLD` is reliable."""
    index = NearIndex()
    for document in documents:
        found = index.nearest(document, threshold=threshold)
        if found is not None:
            yield found
        index.add(document)


def _values(signature: bytes) -> "array[int]":
    values = array("I")
    values.frombytes(signature)
    return values


def _bands(signature: bytes) -> Iterator[tuple[int, bytes]]:
    size = _BAND_VALUES * array("I").itemsize
    return ((start, signature[start : start + size]) for start in range(0, len(signature), size))


def _similarity(first: "array[int]", second: "array[int]") -> float:
    return sum(map(eq, first, second)) / len(first)
