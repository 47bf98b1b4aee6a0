"""Text to sparse BM25 vectors, in process. With the index's IDF modifier the dot product of two of them is BM25."""

from collections.abc import Sequence

from qdrant_edge import Bm25, Bm25Config

from services.shared.components.embedders.sparse import SparseVector

_REMEMBERED_WORDS = 100_000


class Bm25Embedder:
    """Stems, drops stop words and weighs terms for one language.

    `average_tokens` is the length of a typical chunk in words. Documents and queries must use the same language.
    Raises `ValueError` for a language that has no stemmer.
    """

    def __init__(self, *, language: str = "english", average_tokens: float = 160.0) -> None:
        self._model = Bm25(Bm25Config(language=language, avg_len=average_tokens))
        self._terms: dict[str, int | None] = {}

    def embed_document(self, text: str) -> SparseVector:
        """Term-frequency weights of a chunk; empty when only stop words are left."""
        vector = self._model.embed_document(text)
        return SparseVector(tuple(vector.indices), tuple(vector.values))

    def embed_query(self, text: str) -> SparseVector:
        """Weight 1 for each distinct term of a query; empty when only stop words are left."""
        vector = self._model.embed_query(text)
        return SparseVector(tuple(vector.indices), tuple(vector.values))

    def terms(self, words: Sequence[str]) -> list[int]:
        """The numbers of the words' stems, as in the vectors and in their order; stop words are left out."""
        known = self._terms
        if len(known) >= _REMEMBERED_WORDS:
            known.clear()
        for word in set(words):
            if word not in known:
                indices = self._model.embed_query(word).indices
                known[word] = indices[0] if indices else None
        return [term for word in words if (term := known[word]) is not None]
