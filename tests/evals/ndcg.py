"""Normalised discounted cumulative gain at ten, with linear gains, as trec_eval computes it."""

import math
from collections.abc import Mapping, Sequence

_CUT = 10


def ndcg_at_10(ranking: Sequence[str], relevance: Mapping[str, int]) -> float:
    """1 for the best ranking there can be, 0 when nothing relevant is among the first ten."""
    ideal = _gain(sorted(relevance.values(), reverse=True))
    return _gain([relevance.get(document, 0) for document in ranking]) / ideal if ideal else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(place + 2) for place, grade in enumerate(grades[:_CUT]))
