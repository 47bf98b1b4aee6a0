"""Fusion: one ranking out of the dense and the sparse one.

Ties are broken by id, so equal questions get equal answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_RRF_K = 60
"""Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet ...", SIGIR 2009."""


@dataclass(frozen=True)
class Fused:
    """A candidate with its place-giving score and what each ranking said; None where a ranking did not return it."""

    id: str
    score: float
    dense: float | None
    sparse: float | None
    phrases: float | None = None


def weighted(
    dense: Mapping[str, float], sparse: Mapping[str, float], *, dense_weight: float, limit: int
) -> list[Fused]:
    """Weighted fusion of scores: each as a share of its ranking's best, then mixed.

    The lower end of each scale is where it stands by itself, not where a ranking happens to end: no similarity, no
    common word. So the order hardly depends on how many candidates were asked for. A candidate that a ranking lacks
    scores 0 there. The score is relative to the question's candidates: it orders passages, it does not say that one is
    good.

    Source: "theoretical minimum" in Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM
    TOIS 2023.

    Args:
        dense, sparse: id to score, larger is better.
        dense_weight: share of the dense score, 0 to 1.
    """
    if not sparse:  # no term of the question occurs: meaning decides alone, on the full scale
        dense_weight = 1.0
    by_meaning, by_words = _shares(dense), _shares(sparse)
    scores = {
        identity: dense_weight * by_meaning.get(identity, 0.0) + (1 - dense_weight) * by_words.get(identity, 0.0)
        for identity in dense.keys() | sparse.keys()
    }
    return _ranked(scores, dense, sparse, limit)


def reciprocal_rank(dense: Mapping[str, float], sparse: Mapping[str, float], *, limit: int) -> list[Fused]:
    """Reciprocal rank fusion with k = 60: only places count, not scores."""
    scores: dict[str, float] = {}
    for ranking in (dense, sparse):
        for place, identity in enumerate(_by_score(ranking), start=1):
            scores[identity] = scores.get(identity, 0.0) + 1 / (_RRF_K + place)
    return _ranked(scores, dense, sparse, limit)


def _shares(scores: Mapping[str, float]) -> dict[str, float]:
    highest = max(scores.values(), default=0.0)
    if highest <= 0:
        return {}
    return {identity: max(score, 0.0) / highest for identity, score in scores.items()}


def _ranked(
    scores: Mapping[str, float], dense: Mapping[str, float], sparse: Mapping[str, float], limit: int
) -> list[Fused]:
    return [
        Fused(id=identity, score=scores[identity], dense=dense.get(identity), sparse=sparse.get(identity))
        for identity in _by_score(scores)[:limit]
    ]


def _by_score(scores: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda identity: (-scores[identity], identity))
