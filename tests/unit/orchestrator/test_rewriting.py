"""Which questions lean on what was said before, and what they are searched with."""

import pytest

from services.orchestrator.adapters.prompt_files import read_templates
from services.orchestrator.domain.rewrite_prompt import rewrite_messages, usable
from services.orchestrator.domain.rewriting import leans_on_history, standalone

FERRY = "When does the ferry to Nordsund leave?"


@pytest.mark.parametrize(
    "question",
    [
        "What does it cost?",
        "And by boat?",
        "Why?",
        "How large is that?",
        "What about the lighthouse on the cape in winter?",
        "Who built this one of granite?",
        "Which of them carries cars and passengers?",
        "Does that happen every day of the week?",
    ],
)
def test_pronouns_continuations_and_few_words_lean_on_what_was_said(question: str) -> None:
    assert leans_on_history(question)


@pytest.mark.parametrize(
    "question",
    [
        FERRY,
        "Which ports must be open so that the gateway answers?",
        "Is it possible to delete a collection for good?",
        "How are the citations of an answer checked?",
    ],
)
def test_a_question_that_names_its_topic_stands_alone(question: str) -> None:
    assert not leans_on_history(question)
    assert standalone(question, [FERRY]) == question


def test_a_follow_up_gets_the_words_that_it_does_not_have_itself() -> None:
    assert standalone("How many cars does it carry to Nordsund?", [FERRY]) == (
        "How many cars does it carry to Nordsund? ferry leave"
    )


def test_a_follow_up_of_a_follow_up_reaches_back_to_the_topic_and_no_further() -> None:
    earlier = ["How are citations of an answer checked?", FERRY, "And what does it cost?"]
    assert standalone("Why?", earlier) == "Why? cost ferry Nordsund leave"


def test_a_long_history_adds_a_few_words_only() -> None:
    earlier = [f"And the {' '.join(f'word{n}x{m}' for m in range(50))}?" for n in range(200)]
    assert len(standalone("Why?", earlier).split()) == 13


@pytest.mark.parametrize("question", ["", "?", "\x00", "it " * 10_000, "Wie teuer ist es?", "それはいくらですか"])
def test_any_text_can_be_rewritten(question: str) -> None:
    assert standalone(question, ["", FERRY, "\n"]).startswith(question)


def test_what_a_model_wrote_is_used_when_it_asks_the_same_with_words_from_before() -> None:
    written = "What does the ferry to Nordsund cost?\nI hope this helps."
    assert usable(written, "What does it cost?", [FERRY]) == "What does the ferry to Nordsund cost?"


@pytest.mark.parametrize(
    "written", ["", "\n", "What does it cost?", "Bananas are yellow.", "The ferry to Nordsund.", "cost ferry " * 30]
)
def test_what_a_model_wrote_amiss_is_not_used(written: str) -> None:
    assert usable(written, "What does it cost?", [FERRY]) is None


def test_a_model_is_told_the_newest_questions_only() -> None:
    told = rewrite_messages("Why?", [f"Question {n}" for n in range(9)], read_templates(None).rewrite)[-1]["content"]
    assert told.splitlines() == ["Earlier: Question 6", "Earlier: Question 7", "Earlier: Question 8", "Last: Why?"]
