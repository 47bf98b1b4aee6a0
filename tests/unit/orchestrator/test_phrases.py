"""Where an answer is looked for, and the phrases a model may choose from."""

import pytest

from services.orchestrator.adapters.prompt_files import read_templates
from services.orchestrator.domain.focus import sentence_for
from services.orchestrator.domain.phrases import phrases_for
from services.orchestrator.domain.sources import number_sources
from services.orchestrator.domain.tasks import phrase_task
from tests.unit.orchestrator.passages import passage
from tests.unit.orchestrator.test_budget import question

SOURCES = number_sources(
    [
        passage("The ferry is white. The ferry leaves for Nordsund at 07:40.", index=0),
        passage("The lighthouse was built of granite in 1871 by Ada Long.", index=1),
    ]
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("When does the ferry to Nordsund leave?", "The ferry leaves for Nordsund at 07:40."),
        ("Who built the lighthouse?", "The lighthouse was built of granite in 1871 by Ada Long."),
    ],
)
def test_the_sentence_with_the_questions_rarer_words_is_nearest(asked: str, found: str) -> None:
    place = sentence_for(asked, SOURCES)
    assert place is not None
    assert place.quote == found
    assert 0 < place.support <= 1


def test_a_question_about_a_value_that_no_passage_knows_has_no_sentence() -> None:
    assert sentence_for("When does the ferry leave for Osterhamn?", SOURCES) is None
    assert sentence_for("What was built in 1899?", SOURCES) is None
    assert sentence_for("What?", []) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("When was the lighthouse built?", {"1871", "granite in 1871", "1871 by Ada", "1871 by Ada Long"}),
        ("Who built the lighthouse?", {"Ada", "Ada Long", "Long"}),
        ("Of what material is the lighthouse?", {"granite", "1871", "Ada Long"}),
    ],
)
def test_phrases_are_of_the_kind_that_is_asked_for(asked: str, expected: set[str]) -> None:
    sentence = SOURCES[1].text
    phrases = phrases_for(asked, sentence)
    assert expected <= set(phrases)
    assert all(phrase in sentence for phrase in phrases)
    assert not any("lighthouse" in phrase for phrase in phrases)


def test_without_a_phrase_of_the_kind_all_phrases_may_be_chosen() -> None:
    assert "white" in phrases_for("How many is the ferry?", "The ferry is white.")


def test_a_model_chooses_among_the_phrases_of_the_nearest_sentence() -> None:
    task = phrase_task(question("When does the ferry to Nordsund leave?"), SOURCES, read_templates(None).phrase)
    assert task is not None
    assert task.sampling == {"structured_outputs": {"choice": ["07:40"]}}
    assert "07:40" in task.messages[-1]["content"]
    assert "07:40" not in task.messages[0]["content"]
