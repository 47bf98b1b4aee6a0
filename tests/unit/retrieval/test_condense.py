"""What of a ranking is worth showing."""

from services.retrieval.domain.condense import first_of_each_passage, without_repeats
from tests.unit.retrieval.passages import passage

_LONG = "The duty operator of the northern mast listens on the emergency channel at all times of the day"


def test_nearly_the_same_text_is_shown_once_whichever_document_it_is_of() -> None:
    ranked = [
        passage("a", _LONG),
        passage("b", f"{_LONG}."),
        passage("c", f"{_LONG} and night."),
        passage("d", "No"),
    ]
    assert [each.id for each in without_repeats(ranked, threshold=0.9)] == ["a", "c", "d"]
    assert [each.id for each in without_repeats(ranked, threshold=0.7)] == ["a", "d"]


def test_texts_without_words_are_compared_too() -> None:
    assert [each.id for each in without_repeats([passage("a", "…"), passage("b", "—")], threshold=1)] == ["a"]


def test_of_chunks_in_one_passage_the_best_stands_for_it() -> None:
    ranked = [
        passage("a1", "x", index=1, parent=(0, 2)),
        passage("b1", "x", index=1, parent=(0, 2)),
        passage("a2", "x", index=2, parent=(0, 2)),
        passage("a3", "x", index=3),
    ]
    assert [each.id for each in first_of_each_passage(ranked)] == ["a1", "b1", "a3"]
