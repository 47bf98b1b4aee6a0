"""LangChain's QdrantVectorStore, unchanged: dense, sparse and hybrid."""

import hashlib

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_qdrant import QdrantVectorStore, RetrievalMode, SparseEmbeddings, SparseVector
from qdrant_client import AsyncQdrantClient, models

from tests.contract.vectordb.server import Endpoint

_SIZE = 64
_TEXTS = [
    "the cat sat on the mat",
    "dogs bark at the moon at night",
    "compilers turn source code into machine code",
    "bread is baked in a hot oven",
]


class HashedWords(Embeddings):
    """Texts as sums of a fixed direction per word."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = [0.01] * _SIZE
        for word in text.split():
            vector[_number_of(word) % _SIZE] += 1.0
        return vector


class CountedWords(SparseEmbeddings):
    """Texts as word counts."""

    def embed_documents(self, texts: list[str]) -> list[SparseVector]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> SparseVector:
        counts: dict[int, float] = {}
        for word in text.split():
            number = _number_of(word) % 2**31
            counts[number] = counts.get(number, 0.0) + 1.0
        return SparseVector(indices=list(counts), values=list(counts.values()))


@pytest.mark.parametrize("mode", list(RetrievalMode))
async def test_documents_are_stored_found_filtered_and_deleted(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str, mode: RetrievalMode
) -> None:
    store = _store(endpoint, name, mode)
    documents = [Document(text, metadata={"number": number}) for number, text in enumerate(_TEXTS)]
    ids = await store.aadd_documents(documents)

    best, score = store.similarity_search_with_score("source code", k=2)[0]
    assert (best.page_content, best.metadata["number"]) == (_TEXTS[2], 2)
    assert score > 0
    only_dogs = models.Filter(must=[models.FieldCondition(key="metadata.number", match=models.MatchValue(value=1))])
    filtered = await store.asimilarity_search("the source code", k=4, filter=only_dogs)
    assert [document.metadata["number"] for document in filtered] == [1]
    assert [document.page_content for document in store.get_by_ids([str(ids[3])])] == [_TEXTS[3]]

    store.delete([str(ids[0])])
    assert (await client.count(name)).count == 3


async def test_a_store_opens_a_collection_that_exists(endpoint: Endpoint, name: str) -> None:
    await _store(endpoint, name, RetrievalMode.DENSE).aadd_texts(_TEXTS)

    again = QdrantVectorStore.from_existing_collection(
        collection_name=name, embedding=HashedWords(), url=endpoint.url, api_key=endpoint.key
    )

    assert again.similarity_search("baked in a hot oven", k=1)[0].page_content == _TEXTS[3]


async def test_maximal_marginal_relevance_works(endpoint: Endpoint, name: str) -> None:
    store = _store(endpoint, name, RetrievalMode.DENSE)
    await store.aadd_texts(_TEXTS)

    assert len(store.max_marginal_relevance_search("the cat", k=2, fetch_k=4)) == 2


def _store(endpoint: Endpoint, name: str, mode: RetrievalMode) -> QdrantVectorStore:
    return QdrantVectorStore.from_texts(
        [],
        embedding=None if mode == RetrievalMode.SPARSE else HashedWords(),
        sparse_embedding=None if mode == RetrievalMode.DENSE else CountedWords(),
        retrieval_mode=mode,
        collection_name=name,
        url=endpoint.url,
        api_key=endpoint.key,
    )


def _number_of(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
