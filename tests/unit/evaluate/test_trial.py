"""Which side of a trial answers credit, read from their records."""

from typing import Any

import pytest

from pipelines.evaluate.trial import credit_of, report_of
from services.shared.contracts.evaluation import TrialOrder

ORDER = TrialOrder(gateway_url="http://127.0.0.1:9", api_key="k", trial="rrf", report="r.json")


def record(sides: str, cited: list[int], *, name: str = "rrf", **more: Any) -> dict[str, Any]:
    """An answer from passages of these sides: `c` current, `t` tried, `-` neither."""
    arms = {"c": "current", "t": "tried"}
    passages = [
        {"number": number, "scores": {"trial": {"name": name, "arm": arms[side]} if side in arms else None}}
        for number, side in enumerate(sides, start=1)
    ]
    return {
        "id": f"{sides}-{cited}-{more}",
        "passages": passages,
        "citations": [{"number": number} for number in cited],
        "abstained": False,
        "feedback": None,
        **more,
    }


def test_a_cited_passage_credits_its_side_once() -> None:
    credit = credit_of(record("tctc", [1, 1, 3]), "rrf")
    assert credit is not None
    assert (credit.cited["tried"], credit.cited["current"], credit.winner) == (2, 0, "tried")


def test_citations_that_were_called_wrong_are_no_credit() -> None:
    feedback = {"rating": "down", "wrong_citations": [1]}
    credit = credit_of(record("tc", [1, 2], feedback=feedback), "rrf")
    assert credit is not None
    assert (credit.winner, credit.rating) == ("current", "down")


@pytest.mark.parametrize("other", [record("--", [1]), record("tc", [1], name="dense")])
def test_answers_outside_the_trial_say_nothing(other: dict[str, Any]) -> None:
    assert credit_of(other, "rrf") is None


def test_the_report_has_the_difference_and_its_significance() -> None:
    records = [record("tc" + "-" * each, [1]) for each in range(30)] + [record("ct" + "-" * 40, [1])]
    answers = [credit for each in records if (credit := credit_of(each, "rrf")) is not None]
    report = report_of(answers, ORDER)
    assert report.answers == 31
    assert report.cited == {"tried": 30, "current": 1}
    assert report.difference is not None
    assert report.difference.value == pytest.approx(29 / 31, abs=1e-4)
    assert (report.difference.better, report.difference.worse) == (30, 1)
    assert report.difference.p < 0.001


def test_thumbs_are_told_by_the_side_that_was_cited() -> None:
    up = {"rating": "up", "wrong_citations": []}
    records = [record("tc", [1], feedback=up), record("tcc", [2], feedback=up), record("tct", [1, 2], feedback=up)]
    answers = [credit for each in records if (credit := credit_of(each, "rrf")) is not None]
    assert report_of(answers, ORDER).rated == {"tried": {"up": 1}, "current": {"up": 1}}


def test_without_answers_there_is_no_difference() -> None:
    assert report_of([], ORDER).difference is None
