"""BM25 weights: terms and not surface forms, rarer in longer texts."""

import pytest

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.embedders.sparse import SparseVector


def _dot(query: SparseVector, document: SparseVector) -> float:
    weights = dict(zip(document.indices, document.values, strict=True))
    return sum(value * weights.get(index, 0.0) for index, value in zip(query.indices, query.values, strict=True))


def test_word_forms_and_case_match() -> None:
    bm25 = Bm25Embedder()
    assert _dot(bm25.embed_query("RUNNING turbines"), bm25.embed_document("The turbine runs.")) > 0


def test_a_document_about_the_query_weighs_more_than_another() -> None:
    bm25 = Bm25Embedder()
    query = bm25.embed_query("port of the camera relay")
    about = bm25.embed_document("The camera relay listens on port 7431.")
    other = bm25.embed_document("The port of Harrowgate is frozen in winter.")
    assert _dot(query, about) > _dot(query, other) > 0


def test_a_longer_document_weighs_a_term_less() -> None:
    bm25 = Bm25Embedder()
    query = bm25.embed_query("turbine")
    assert _dot(query, bm25.embed_document("turbine")) > _dot(
        query, bm25.embed_document("turbine " + "snow ice " * 200)
    )


def test_stop_words_alone_give_an_empty_vector() -> None:
    assert Bm25Embedder().embed_query("the of and") == SparseVector((), ())


def test_the_language_decides_stems_and_stop_words() -> None:
    german = Bm25Embedder(language="german")
    assert german.embed_query("der die das") == SparseVector((), ())
    assert german.embed_query("Häuser").indices == german.embed_document("Haus").indices


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="klingon"):
        Bm25Embedder(language="klingon")
