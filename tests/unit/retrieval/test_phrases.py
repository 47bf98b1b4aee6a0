"""Words that stand together in the question and in a passage."""

import pytest

from services.retrieval.domain.fusion import Fused
from services.retrieval.domain.phrases import has_all_words, phrase_scores, with_phrases
from services.shared.components.embedders.bm25 import Bm25Embedder

_BM25 = Bm25Embedder()


def _scores(query: str, **texts: str) -> dict[str, float]:
    return phrase_scores(query, texts, _BM25.terms)


def test_a_text_with_the_questions_words_side_by_side_beats_one_that_has_them_apart() -> None:
    found = _scores(
        "Who owns the river bank?",
        together="The banks of two rivers. Nobody owns a river bank.",
        apart="A bank lends money. Its clerk swims in the deep, cold river.",
    )
    assert found == {"together": 1.0, "apart": 0.0}


def test_forms_of_a_word_and_stop_words_between_do_not_matter() -> None:
    assert _scores("building ships", a="They built a ship; the building of the ships took years.")["a"] == 1.0


def test_a_pair_that_few_texts_have_weighs_more() -> None:
    texts = {f"common{number}": "The solar panel is here." for number in range(5)}
    found = _scores("solar panel inverter fault", **texts, rare="An inverter fault was found.")
    assert found["rare"] == 1.0
    assert 0 < found["common0"] < 0.5


@pytest.mark.parametrize("query", ["river", "the of and", "", "river river"])
def test_a_question_without_pairs_says_nothing(query: str) -> None:
    assert _scores(query, a="The river bank.") == {}


def test_nothing_changes_where_no_text_has_a_pair() -> None:
    ranked = [Fused("a", 0.9, 0.5, 3.0), Fused("b", 0.8, 0.4, 2.0)]
    assert with_phrases(ranked, _scores("river bank", a="No such thing.", b="Nor here."), weight=0.1) == ranked


def test_phrases_lift_a_passage_and_scores_stay_below_one() -> None:
    ranked = [Fused("a", 1.0, 0.5, 3.0), Fused("b", 0.95, 0.4, 2.0), Fused("c", 0.2, 0.1, None)]
    lifted = with_phrases(ranked, {"a": 0.0, "b": 1.0}, weight=0.1)
    assert [each.id for each in lifted] == ["b", "a", "c"]
    assert [each.phrases for each in lifted] == [1.0, 0.0, None]
    assert all(0 <= each.score <= 1 for each in lifted)


def test_all_words_of_a_question_are_asked_for_where_there_are_several() -> None:
    assert has_all_words("How do I stop the platform?", ["It stops platforms."], _BM25.terms)
    assert not has_all_words("How do I stop the platform?", ["It stops.", "Platforms."], _BM25.terms), "in one text"
    assert not has_all_words("Stop?", ["It stops."], _BM25.terms)
