"""Phrases: words that stand together in the question and together in a passage.

BM25 and embeddings both lose the order of words: "bank of the river" and "the river bank's loans" look alike to them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log

from services.retrieval.domain.fusion import Fused

_FEWEST, _MOST = 10, 20
_SEVERAL = 2

_WORD = re.compile(r"\w+")
_FURTHEST = 2
"""Words of a pair follow each other, or have one other between them."""

Pair = tuple[int, int]
Terms = Callable[[Sequence[str]], Sequence[int]]
"""The stems of words as numbers, in their order; stop words are left out."""


def phrase_candidates(limit: int) -> int:
    """How many of the fused ranking are looked at for `limit` passages; more gain nothing (docs/quality.md)."""
    return min(_MOST, max(_FEWEST, 2 * limit))


def phrase_scores(query: str, texts: Mapping[str, str], terms: Terms) -> dict[str, float]:
    """Id to score, 0 to 1: the pairs of the question's words that a text has, beside the text that has most of them.

    A pair counts where its words follow each other, in order, with at most one word between; stop words do not count. A
    pair that most of the texts have says little. Empty when no text has any.
    """
    pairs = {pair for pair in pairwise(terms(_words(query))) if pair[0] != pair[1]}
    if not pairs:
        return {}
    found = {identity: _held(pairs, terms(_words(text))) for identity, text in texts.items()}
    weights = {pair: _weight(sum(pair in each for each in found.values()), len(found)) for pair in pairs}
    scores = {identity: sum(weights[pair] for pair in sorted(each)) for identity, each in found.items()}
    best = max(scores.values(), default=0.0)
    return {identity: score / best for identity, score in scores.items()} if best > 0 else {}


def has_all_words(query: str, texts: Iterable[str], terms: Terms) -> bool:
    """Whether a text has every word of a question that has several; stop words do not count."""
    wanted = set(terms(_words(query)))
    return len(wanted) >= _SEVERAL and any(wanted.issubset(terms(_words(text))) for text in texts)


def with_phrases(ranked: Sequence[Fused], scores: Mapping[str, float], *, weight: float) -> list[Fused]:
    """The ranking with the phrases' score added; scores stay between 0 and 1. As it was when there are no phrases."""
    if not scores:
        return list(ranked)
    added = [
        replace(
            each, score=(each.score + weight * scores.get(each.id, 0.0)) / (1 + weight), phrases=scores.get(each.id)
        )
        for each in ranked
    ]
    return sorted(added, key=lambda each: (-each.score, each.id))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _held(pairs: set[Pair], terms: Sequence[int]) -> set[Pair]:
    """Those of the pairs that stand together in a text."""
    firsts = {first for first, _ in pairs}
    places = [place for place, term in enumerate(terms) if term in firsts]
    near = ((terms[place], other) for place in places for other in terms[place + 1 : place + 1 + _FURTHEST])
    return pairs.intersection(near)


def _weight(holders: int, texts: int) -> float:
    """BM25's inverse document frequency, over the candidates."""
    return log(1 + (texts - holders + 0.5) / (holders + 0.5))
