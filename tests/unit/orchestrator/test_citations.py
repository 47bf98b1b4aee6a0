"""Which passage a sentence is attributed to, and how the numbers get into a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.domain.citations import CitationMarker, number_sources, supporting
from tests.unit.orchestrator.passages import passage

SOURCES = number_sources(
    [
        passage("The gateway listens on port 8080 and asks for an API key.", index=0),
        passage("The key lies in the file var/secrets/api.key.", index=1, headings=("Keys",)),
    ]
)


def stream(text: str, *, piece: int) -> tuple[str, CitationMarker]:
    marker = CitationMarker(SOURCES, min_support=0.6)
    shown = "".join(marker.feed(text[at : at + piece]) for at in range(0, len(text), piece))
    return shown + marker.finish(), marker


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_each_supported_sentence_gets_its_number_however_the_stream_is_cut(piece: int) -> None:
    shown, marker = stream("The gateway listens on port 8080. The key lies in var/secrets/api.key.", piece=piece)
    assert shown == "The gateway listens on port 8080 [1]. The key lies in var/secrets/api.key [2]."
    assert [citation.number for citation in marker.citations()] == [1, 2]


def test_a_mark_says_where_it_stands_in_the_answer() -> None:
    shown, marker = stream("The gateway listens on port 8080. The key lies in var/secrets/api.key.", piece=3)
    assert [shown[mark.start : mark.end] for mark in marker.marks] == ["[1]", "[2]"]


def test_a_number_that_stands_in_no_passage_is_never_cited() -> None:
    shown, marker = stream("The gateway listens on port 9090.", piece=4)
    assert shown == "The gateway listens on port 9090."
    assert marker.citations() == []


def test_numbers_the_model_wrote_are_replaced_by_what_is_supported() -> None:
    shown, _ = stream("The gateway listens on port 8080 [7]. Bananas are yellow [1].", piece=2)
    assert shown == "The gateway listens on port 8080 [1]. Bananas are yellow."


def test_a_decimal_point_does_not_end_a_sentence() -> None:
    shown, _ = stream("It costs 3.50 a piece.", piece=1)
    assert shown == "It costs 3.50 a piece."


def test_headings_count_as_part_of_their_passage() -> None:
    assert supporting("Keys lie in the file", SOURCES, min_support=0.6) == SOURCES[1]


def test_a_sentence_of_stop_words_is_not_attributed() -> None:
    assert supporting("It is what it is", SOURCES, min_support=0.6) is None


@given(text=st.text(alphabet="ab .[]1!?\n\"'", max_size=60), piece=st.integers(1, 9))
def test_without_passages_a_stream_only_loses_bracketed_numbers_and_trailing_space(text: str, piece: int) -> None:
    marker = CitationMarker([], min_support=0.6)
    shown = "".join(marker.feed(text[at : at + piece]) for at in range(0, len(text), piece)) + marker.finish()
    letters = [char for char in text if char in "ab!?"]
    assert [char for char in shown if char in "ab!?"] == letters
