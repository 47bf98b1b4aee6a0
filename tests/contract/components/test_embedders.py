"""What every dense embedder keeps to: the packaged model on each backend."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from tests.processes import REPOSITORY

if TYPE_CHECKING:
    from services.shared.components.embedders.sentence_transformer import SentenceTransformerEmbeddings

MODEL = REPOSITORY / "var" / "models" / "all-MiniLM-L6-v2"
TEXTS = [
    "A supervisor restarts every service that dies.",
    "Cats sleep for most of the day.",
    "x",
    "The ledger keeps one row for each document, so that nothing is indexed twice. " * 40,
    "Größe, naïve, 東京, \N{ROCKET}, and a tab\tand a line\nend.",
]


def load(backend: str) -> "SentenceTransformerEmbeddings":
    # Loads PyTorch, for which a process that only collects these tests should not wait.
    from services.shared.components.embedders.sentence_transformer import Backend, load_embeddings

    return load_embeddings(str(MODEL), backend=Backend(backend), threads=2)


@pytest.fixture(scope="module", params=["torch", "openvino"])
def embedder(request: pytest.FixtureRequest) -> "SentenceTransformerEmbeddings":
    return load(request.param)


def test_it_is_a_langchain_embedder(embedder: "SentenceTransformerEmbeddings") -> None:
    assert isinstance(embedder, Embeddings)


def test_every_vector_has_the_stated_length_and_unit_norm(embedder: "SentenceTransformerEmbeddings") -> None:
    vectors = np.array(embedder.embed_documents(TEXTS))
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_the_same_texts_give_the_same_vectors(embedder: "SentenceTransformerEmbeddings") -> None:
    assert embedder.embed_documents(TEXTS) == embedder.embed_documents(TEXTS)


def test_vectors_keep_the_order_of_their_texts(embedder: "SentenceTransformerEmbeddings") -> None:
    forward = np.array(embedder.embed_documents(TEXTS))
    backward = np.array(embedder.embed_documents(TEXTS[::-1]))[::-1]
    assert _cosines(forward, backward) == pytest.approx(1.0, abs=0.01)


def test_a_text_has_one_vector_alone_or_among_longer_ones(embedder: "SentenceTransformerEmbeddings") -> None:
    together = embedder.embed_batch(TEXTS).vectors
    alone = np.array([embedder.embed_query(text) for text in TEXTS])
    assert _cosines(together, alone) == pytest.approx(1.0, abs=0.01)


def test_a_passage_is_nearer_to_its_question_than_another_one(embedder: "SentenceTransformerEmbeddings") -> None:
    question = np.array(embedder.embed_query("What happens when a process crashes?"))
    supervisor, cats, *_ = np.array(embedder.embed_documents(TEXTS)) @ question
    assert supervisor > cats + 0.1


def test_tokens_are_counted_as_the_model_reads_them(embedder: "SentenceTransformerEmbeddings") -> None:
    assert embedder.embed_batch(["x"]).tokens == 3  # [CLS] x [SEP]
    assert embedder.embed_batch(["x", "word " * 1000]).tokens == 3 + embedder.window_tokens


def test_no_texts_give_no_vectors(embedder: "SentenceTransformerEmbeddings") -> None:
    assert embedder.embed_documents([]) == []


def test_the_fast_backend_agrees_with_the_original() -> None:
    original = load("torch").embed_documents(TEXTS)
    fast = load("openvino").embed_documents(TEXTS)
    cosines = _cosines(np.array(original), np.array(fast))
    assert cosines.min() > 0.95
    assert cosines.mean() > 0.98


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(axis=1)
