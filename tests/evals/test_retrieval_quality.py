"""How well search ranks: real embeddings, real BM25, real database, on public data that lies outside the project."""

from collections.abc import Callable, Generator, Mapping
from statistics import fmean

import pytest

from services.retrieval.domain.fusion import Fused, reciprocal_rank, weighted
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.filters import within_reach
from services.shared.components.indexes.qdrant import Ranking
from services.shared.contracts.search import SearchRequest
from tests.evals.datasets import Dataset, eval_data, load
from tests.evals.ndcg import ndcg_at_10
from tests.evals.stored import store
from tests.search_stack import SearchStack, running_search_stack

_QUESTIONS = 80
_DOCUMENTS = 250
_CANDIDATES = 50
_TOLERANCE = 0.02
_WEIGHT = float(SearchRequest.model_fields["dense_weight"].default)

_Ranking = Mapping[str, float]


@pytest.fixture(scope="module")
def search_parts(tmp_path_factory: pytest.TempPathFactory) -> Generator[SearchStack]:
    """The vector database and the way to the embedding model."""
    with running_search_stack(tmp_path_factory.mktemp("evals"), "vectordb", "embedding", "inference") as running:
        yield running


@pytest.mark.parametrize("name", ["cranfield", "squad2-dev"])
async def test_both_rankings_together_are_as_good_as_the_better_one(name: str, search_parts: SearchStack) -> None:
    found = await _rankings(_data(name), search_parts, collection=f"eval-{name}")
    dense = _quality(found, lambda by_meaning, _: list(by_meaning))
    sparse = _quality(found, lambda _, by_words: list(by_words))
    mixed = _quality(found, lambda a, b: _ids(weighted(a, b, dense_weight=_WEIGHT, limit=10)))
    by_place = _quality(found, lambda a, b: _ids(reciprocal_rank(a, b, limit=10)))
    figures = f"nDCG@10: dense {dense:.3f}, BM25 {sparse:.3f}, weighted {mixed:.3f}, RRF {by_place:.3f}"
    assert mixed >= max(dense, sparse) - _TOLERANCE, figures


def _data(name: str) -> Dataset:
    folder = eval_data() / name
    if not folder.is_dir():
        pytest.skip(f"No evaluation data at {folder}; set RAGWORKS_EVAL_DATA to the folder that holds '{name}'.")
    return load(folder).sample(_QUESTIONS).reduced(_DOCUMENTS)


async def _rankings(
    data: Dataset, parts: SearchStack, *, collection: str
) -> list[tuple[_Ranking, _Ranking, Mapping[str, int]]]:
    """Per question: document to score by meaning and by words, and what is relevant."""
    bm25 = Bm25Embedder()
    found: list[tuple[_Ranking, _Ranking, Mapping[str, int]]] = []
    async with parts.index() as index, parts.embedder() as embedder:
        ids = await store(index, embedder, collection, data.documents)
        vectors = await embedder.embed_documents(list(data.questions.values()))
        for (question, text), vector in zip(data.questions.items(), vectors, strict=True):
            reach, words = within_reach(principal=None), bm25.embed_query(text)
            sparse = await index.by_words(collection, words, reach=reach, limit=_CANDIDATES)
            dense = await index.by_meaning(collection, vector, reach=reach, limit=_CANDIDATES, also=tuple(sparse))
            found.append((_named(dense, ids), _named(sparse, ids), data.relevance[question]))
    return found


def _named(ranking: Ranking, documents: Mapping[str, str]) -> _Ranking:
    return {documents[chunk]: score for chunk, score in ranking.items()}


def _quality(
    found: list[tuple[_Ranking, _Ranking, Mapping[str, int]]], rank: Callable[[_Ranking, _Ranking], list[str]]
) -> float:
    return fmean(ndcg_at_10(rank(dense, sparse), relevance) for dense, sparse, relevance in found)


def _ids(fused: list[Fused]) -> list[str]:
    return [one.id for one in fused]
