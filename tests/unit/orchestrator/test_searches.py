"""What else is searched for where one search is not enough."""

import pytest

from services.orchestrator.domain.searches import in_turn, named_beyond, parts_of
from tests.unit.orchestrator.passages import passage


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Who built the lighthouse? When was it lit?",
            ["Who built the lighthouse?", "When was it lit? built lighthouse"],
        ),
        (
            "When does the ferry leave and what does a ticket cost?",
            ["When does the ferry leave", "what does a ticket cost? ferry leave"],
        ),
        ("What is the difference between a snapshot and an export?", ["a snapshot", "an export"]),
        ("Compare the edge profile with the cloud profile.", ["the edge profile", "the cloud profile"]),
        ("Which is older, the ferry to Nordsund or the lighthouse?", ["the ferry to Nordsund", "the lighthouse"]),
    ],
)
def test_what_is_asked_together_is_searched_for_apart_too(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "When does the ferry to Nordsund leave?",
        "How are the citations of an answer checked and shown?",
        "Is it open on Sundays or holidays?",
        "And what about the research and development budget?",
        "Why? ",
        "",
    ],
)
def test_a_question_about_one_thing_has_no_parts(question: str) -> None:
    assert parts_of(question) == []


def test_what_the_best_passage_names_is_searched_for_with_the_question() -> None:
    best = passage("The lighthouse on the cape was designed by Ada Lindqvist, who studied in Uppsala.")
    question = "Where was the designer of the lighthouse on the cape born?"

    assert (
        named_beyond(question, [best, passage("Bergen is wet.", index=1)]) == f"{question} Page 0 Ada Lindqvist Uppsala"
    )


def test_a_passage_that_names_nothing_new_leads_nowhere() -> None:
    assert named_beyond("What is on page 0 of Ada Lindqvist?", [passage("Ada Lindqvist is here.")]) is None
    assert named_beyond("What?", []) is None


def test_the_best_of_every_search_comes_first_and_nothing_comes_twice() -> None:
    one, two, three, four = (passage(f"Passage {n}.", index=n) for n in range(4))

    assert in_turn([[one, two, three], [two, four], []], limit=3) == [one, two, four]
    assert in_turn([], limit=3) == []
