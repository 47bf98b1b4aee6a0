"""Team-draft interleaving: every passage once, no side favoured, the better side credited."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from pydantic import ValidationError

from services.retrieval.domain.interleaving import overlap, team_draft
from services.retrieval.settings import RetrievalSettings
from services.shared.contracts.search import Arm, Passage
from tests.unit.retrieval.passages import passage


def ranking(names: str) -> list[Passage]:
    return [passage(name, name) for name in names]


def drafted(current: str, tried: str, *, limit: int, seed: int) -> list[Passage]:
    draw = Random(seed)  # noqa: S311 - repeatable
    return team_draft("t", {Arm.CURRENT: ranking(current), Arm.TRIED: ranking(tried)}, limit=limit, draw=draw)


def arms(passages: Sequence[Passage]) -> Counter[Arm]:
    return Counter(each.scores.trial.arm for each in passages if each.scores.trial)


@pytest.mark.parametrize("seed", range(20))
def test_each_passage_stands_once_and_both_sides_take_turns(seed: int) -> None:
    found = drafted("abcdef", "xbaycz", limit=6, seed=seed)
    names = [each.id for each in found]
    assert len(set(names)) == len(names) == 6
    assert set(names[:2]) == {"a", "x"}, "the best of both come first"
    assert arms(found[:2]) == arms(found[2:4]) == arms(found[4:]) == {Arm.CURRENT: 1, Arm.TRIED: 1}
    assert {each.scores.trial.name for each in found if each.scores.trial} == {"t"}


def test_equal_rankings_stay_as_they_are_and_credit_both_alike() -> None:
    first = Counter[Arm]()
    for seed in range(400):
        found = drafted("abcd", "abcd", limit=4, seed=seed)
        assert [each.id for each in found] == list("abcd")
        first += arms(found[:1])
    assert abs(first[Arm.CURRENT] - first[Arm.TRIED]) < 80


def test_what_only_one_side_finds_fills_the_rest() -> None:
    assert {each.id for each in drafted("ab", "", limit=5, seed=1)} == {"a", "b"}
    assert arms(drafted("a", "abcdef", limit=6, seed=1))[Arm.TRIED] >= 5
    assert drafted("", "", limit=3, seed=1) == []


def test_overlap_is_the_share_of_the_longer_ranking() -> None:
    assert overlap(ranking("abcd"), ranking("bcxy")) == 0.5
    assert overlap(ranking("a"), ranking("abcd")) == 0.25
    assert overlap([], []) == 1.0


@pytest.mark.parametrize("tried", [{"limit": 3}, {"fusion": "magic"}, {"dense_weight": 2}])
def test_a_trial_that_cannot_be_searched_is_refused_at_the_start(tried: dict[str, str | float]) -> None:
    with pytest.raises(ValidationError, match="retrieval_trial_ranking"):
        RetrievalSettings(retrieval_trial="t", retrieval_trial_ranking=tried)
