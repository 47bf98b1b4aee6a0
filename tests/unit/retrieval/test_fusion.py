"""How two rankings become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.retrieval.domain.fusion import Fused, reciprocal_rank, weighted

_rankings = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 40), max_size=8)


def _ids(fused: list[Fused]) -> list[str]:
    return [one.id for one in fused]


def test_weights_decide_between_meaning_and_words() -> None:
    dense, sparse = {"a": 0.9, "b": 0.2}, {"b": 12.0, "a": 1.0}
    assert _ids(weighted(dense, sparse, dense_weight=0.6, limit=9)) == ["a", "b"]
    assert _ids(weighted(dense, sparse, dense_weight=0.4, limit=9)) == ["b", "a"]


def test_raw_scores_are_kept_beside_the_fused_one() -> None:
    best, *_, last = weighted({"a": 0.9, "b": 0.5}, {"a": 7.0, "c": 3.0}, dense_weight=0.6, limit=9)
    assert best == Fused("a", 1.0, dense=0.9, sparse=7.0)
    assert last == Fused("c", 0.4 * (3 / 7), dense=None, sparse=3.0)


def test_scores_are_shares_of_the_best_and_what_a_ranking_lacks_counts_nothing_in_it() -> None:
    fused = weighted({"a": 0.8, "b": 0.4}, {"a": 4.5, "c": 9.0}, dense_weight=0.5, limit=9)
    assert {one.id: one.score for one in fused} == {"a": 0.75, "b": 0.25, "c": 0.5}
    assert _ids(fused) == ["a", "c", "b"]


def test_the_order_of_the_best_does_not_depend_on_how_deep_a_ranking_goes() -> None:
    dense, sparse = {"a": 0.6, "b": 0.5, "c": 0.45, "d": 0.1}, {"b": 8.0, "a": 7.0, "c": 6.5, "d": 1.0}
    shallow = weighted(dict(list(dense.items())[:3]), dict(list(sparse.items())[:3]), dense_weight=0.5, limit=3)
    assert shallow == weighted(dense, sparse, dense_weight=0.5, limit=3)


def test_similarities_below_nothing_count_nothing() -> None:
    fused = weighted({"a": -0.2, "b": -0.1}, {"b": 2.0}, dense_weight=0.6, limit=9)
    assert [(one.id, one.score) for one in fused] == [("b", 0.4), ("a", 0.0)]


def test_meaning_decides_alone_when_no_word_matches() -> None:
    fused = weighted({"a": 0.9, "b": 0.1}, {}, dense_weight=0.6, limit=9)
    assert [(one.id, one.score) for one in fused] == [("a", 1.0), ("b", pytest.approx(0.1 / 0.9))]


def test_reciprocal_ranks_look_at_places_only() -> None:
    dense, sparse = {"a": 0.99, "b": 0.98, "c": 0.1}, {"c": 50.0, "b": 0.1}
    fused = reciprocal_rank(dense, sparse, limit=9)
    assert _ids(fused) == ["c", "b", "a"]
    assert fused[1].score == pytest.approx(1 / 62 + 1 / 62)


@given(_rankings, _rankings, st.floats(0, 1))
def test_every_candidate_is_ranked_once_with_a_score_from_0_to_1(
    dense: dict[str, float], sparse: dict[str, float], weight: float
) -> None:
    fused = weighted(dense, sparse, dense_weight=weight, limit=100)
    assert sorted(_ids(fused)) == sorted(dense.keys() | sparse.keys())
    assert all(0 <= one.score <= 1 + 1e-9 for one in fused)


@given(_rankings, _rankings)
def test_the_order_does_not_depend_on_how_candidates_came(dense: dict[str, float], sparse: dict[str, float]) -> None:
    turned = dict(reversed(dense.items())), dict(reversed(sparse.items()))
    assert weighted(dense, sparse, dense_weight=0.6, limit=5) == weighted(*turned, dense_weight=0.6, limit=5)
    assert reciprocal_rank(dense, sparse, limit=5) == reciprocal_rank(*turned, limit=5)
