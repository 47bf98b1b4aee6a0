"""Two runs of answers beside each other."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.evaluate.answers.asking import GivenAnswer
from pipelines.evaluate.answers.run import judged, scores_of
from pipelines.evaluate.comparing import compare
from pipelines.evaluate.failures import EvaluationError
from services.shared.contracts.answer_evaluation import AnswersReport, AnswerSystem, Half
from services.shared.contracts.answers import AnswerForm
from services.shared.contracts.evaluation import AnswersComparison, ComparisonOrder
from services.shared.contracts.openai import Usage
from tests.unit.evaluate.test_answers import question


def report(folder: Path, name: str, answers: dict[str, str], *, form: AnswerForm | None = None) -> str:
    asked = [
        judged(question(each), GivenAnswer(text, not text, ("d1",) if text else (), (), Usage(), 1000.0))
        for each, text in answers.items()
    ]
    written = AnswersReport(
        created_at=datetime.now(UTC),
        dataset="ferry",
        half=Half.ALL,
        seed=0,
        system=AnswerSystem.PLATFORM,
        model="m",
        form=form,
        unsupported=None,
        collection="c",
        scores=scores_of(asked),
        questions=asked,
    )
    path = folder / f"{name}.json"
    path.write_text(written.model_dump_json())
    return str(path)


def compared(first: str, second: str) -> AnswersComparison:
    found = compare(ComparisonOrder(first=first, second=second, report="unused"))
    assert isinstance(found, AnswersComparison)
    return found


def test_questions_of_both_runs_are_paired(tmp_path: Path) -> None:
    names = [f"q{number}" for number in range(20)]
    first = report(tmp_path, "first", dict.fromkeys(names, "a boat") | {"only": "a boat"})
    second = report(tmp_path, "second", dict.fromkeys(names, "the ferry"), form=AnswerForm.PHRASE)
    found = compared(first, second)
    assert found.questions == 20
    assert (found.differences["f1"].value, found.differences["f1"].better) == (1.0, 20)
    assert found.differences["f1"].p < 0.001
    assert found.differences["citation_recall"].value == 0
    assert "groundedness" not in found.differences, "no claim was checked in either run"
    assert found.changed == ["form: as set → phrase"]


def test_runs_without_a_common_question_are_not_compared(tmp_path: Path) -> None:
    first, second = report(tmp_path, "a", {"q1": "x"}), report(tmp_path, "b", {"q2": "x"})
    with pytest.raises(EvaluationError, match="No question was asked in both"):
        compared(first, second)


def test_abstaining_more_often_on_answerable_questions_is_seen(tmp_path: Path) -> None:
    first = report(tmp_path, "a", {f"q{number}": "the ferry" for number in range(10)})
    second = report(tmp_path, "b", {f"q{number}": "" for number in range(10)})
    assert compared(first, second).differences["false_abstained"].value == 1.0
