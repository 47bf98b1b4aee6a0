"""From passages to documents to scores, and how sure those are."""

import math

import pytest

from pipelines.evaluate.configurations import configurations
from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.measuring import measure
from pipelines.evaluate.searching import documents_of
from pipelines.evaluate.significance import difference, estimate

_RELEVANCE = {"q1": {"a": 2, "b": 1, "x": 0}, "q2": {"c": 1}}


def test_a_document_counts_once_at_the_place_of_its_best_passage() -> None:
    assert documents_of(["a", "b", "a", "c", "b"]) == ["a", "b", "c"]


def test_the_metrics_are_those_of_trec_eval() -> None:
    scores = measure({"q1": ["b", "x", "a"], "q2": [f"d{n}" for n in range(10)] + ["c"]}, _RELEVANCE)
    ideal = 2 + 1 / math.log2(3)
    assert scores["ndcg@10"]["q1"] == pytest.approx((1 + 2 / math.log2(4)) / ideal, abs=1e-5)
    assert scores["recall@10"] == {"q1": 1.0, "q2": 0.0}
    assert scores["recall@100"]["q2"] == 1.0
    assert scores["mrr@10"] == {"q1": 1.0, "q2": 0.0}
    assert scores["map"]["q1"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-5)
    assert scores["map"]["q2"] == pytest.approx(1 / 11, abs=1e-5)


def test_the_order_is_the_platforms_own_whatever_the_ids() -> None:
    assert measure({"q2": ["z", "c"]}, {"q2": {"c": 1}})["mrr@10"] == {"q2": 0.5}


def test_a_question_without_results_scores_nothing() -> None:
    scores = measure({"q1": ["a"], "q2": []}, _RELEVANCE)
    assert scores["ndcg@10"]["q2"] == 0
    assert set(scores["map"]) == {"q1", "q2"}


def test_an_interval_holds_its_mean_and_is_the_same_each_time() -> None:
    scores = {str(number): (number % 7) / 7 for number in range(200)}
    found = estimate(scores)
    assert found.low < found.value < found.high
    assert found == estimate(scores)


def test_a_clear_difference_is_told_from_chance() -> None:
    worse = {str(number): (number % 5) / 10 for number in range(100)}
    better = {question: score + 0.1 for question, score in worse.items()}
    shuffled = {question: score + (0.1 if int(question) % 2 else -0.1) for question, score in worse.items()}
    clear, chance = difference(better, worse), difference(shuffled, worse)
    assert clear.value == pytest.approx(0.1)
    assert clear.p < 0.001
    assert (clear.better, clear.worse) == (100, 0)
    assert chance.p > 0.5
    assert difference(worse, worse).p == 1


def test_configurations_are_what_a_search_carries() -> None:
    found = configurations(["default", "dense", "weighted:0.3", "default"])
    assert [each.name for each in found] == ["default", "dense", "weighted:0.3"]
    assert found[0].request == {}
    assert found[2].request == {"fusion": "weighted", "dense_weight": 0.3}


@pytest.mark.parametrize("name", ["best", "weighted:2", "weighted:much", ""])
def test_an_unknown_configuration_is_refused(name: str) -> None:
    with pytest.raises(EvaluationError):
        configurations([name])
