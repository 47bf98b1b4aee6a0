"""How answers are scored, and which questions are asked."""

import json
from pathlib import Path

import pytest

from pipelines.evaluate.answers.asking import GivenAnswer
from pipelines.evaluate.answers.matching import exact_match, without_marks, word_f1
from pipelines.evaluate.answers.questions import GoldQuestion, chosen, half_of, load_questions
from pipelines.evaluate.answers.run import judged, scores_of
from pipelines.evaluate.failures import DatasetError
from services.shared.contracts.answer_evaluation import AskedQuestion, Half
from services.shared.contracts.answers import Verdict
from services.shared.contracts.openai import Usage


def question(name: str, *, answer: str | None = "the ferry", document: str = "d1") -> GoldQuestion:
    documents = frozenset({document}) if answer else frozenset[str]()
    return GoldQuestion(name, f"{name}?", (answer,) if answer else (), answer is not None, documents)


def given(text: str, *cited: str, abstained: bool = False, verdicts: tuple[Verdict, ...] = ()) -> GivenAnswer:
    return GivenAnswer(text, abstained, cited, verdicts, Usage(), 10.0)


@pytest.mark.parametrize(
    ("predicted", "gold", "exact", "f1"),
    [
        ("The ferry.", "ferry", 1.0, 1.0),
        ("a white ferry", "the ferry", 0.0, 2 / 3),
        ("boat", "ferry", 0.0, 0.0),
        ("", "ferry", 0.0, 0.0),
    ],
)
def test_answers_are_compared_as_squad_does(predicted: str, gold: str, exact: float, f1: float) -> None:
    assert exact_match(predicted, [gold]) == exact
    assert word_f1(predicted, ["something else", gold]) == pytest.approx(f1)


def test_an_unanswerable_question_wants_no_answer() -> None:
    assert exact_match("", []) == word_f1("", []) == 1.0
    assert word_f1("ferry", []) == 0.0


def test_numbers_and_marks_are_no_part_of_an_answer() -> None:
    assert without_marks("At 07:40 [1][2]. For 9 euros [unverified: 9].") == "At 07:40. For 9 euros."


def test_the_means_tell_citations_and_abstention_apart() -> None:
    asked: list[AskedQuestion] = [
        judged(question("q1"), given("The ferry [1].", "d1", verdicts=(Verdict.SUPPORTED,))),
        judged(question("q2"), given("The ferry [1] [2].", "d2", "d1", verdicts=(Verdict.PARTLY,))),
        judged(question("q3"), given("I found no answer.", abstained=True)),
        judged(question("q4", answer=None), given("I found no answer.", abstained=True)),
        judged(question("q5", answer=None), given("A boat [1].", "d9")),
    ]
    scores = scores_of(asked)
    assert scores.exact == pytest.approx(2 / 3, abs=1e-3)
    assert scores.citation_precision == pytest.approx(2 / 3, abs=1e-3)
    assert scores.citation_recall == pytest.approx(2 / 3, abs=1e-3)
    assert scores.answered_citation_recall == 1.0
    assert scores.abstained == 0.5
    assert scores.false_abstained == pytest.approx(1 / 3, abs=1e-3)
    assert scores.groundedness == 0.5
    assert scores.f1_with_abstention == pytest.approx(3 / 5)


def test_halves_are_fixed_and_samples_are_balanced_and_repeatable() -> None:
    rows = [question(f"q{n}", answer="x" if n % 5 else None) for n in range(400)]
    dev, test = (chosen(rows, half=half, limit=None, seed=0) for half in (Half.DEV, Half.TEST))
    assert len(dev) + len(test) == 400
    assert abs(len(dev) - len(test)) < 80
    assert all(half_of(each.id) is Half.DEV for each in dev)
    sample = chosen(rows, half=Half.TEST, limit=20, seed=3)
    assert sample == chosen(list(reversed(rows)), half=Half.TEST, limit=20, seed=3)
    assert sum(each.answerable for each in sample) == 10
    assert sample != chosen(rows, half=Half.TEST, limit=20, seed=4)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"_id": "q", "text": "?"}, "no gold answers"),
        ({"_id": "q", "text": "?", "answers": "one"}, "list of strings"),
        ({"_id": "q", "text": "?", "answerable": True}, "only with answers"),
    ],
)
def test_questions_that_cannot_be_used_are_named(tmp_path: Path, row: dict[str, object], said: str) -> None:
    (tmp_path / "queries.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=said):
        load_questions(tmp_path, {})


def test_gold_documents_are_those_that_are_relevant(tmp_path: Path) -> None:
    row = {"_id": "q", "text": "?", "answers": ["a"]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (found,) = load_questions(tmp_path, {"q": {"d1": 1, "d2": 0}})
    assert found.answerable
    assert found.documents == {"d1"}
