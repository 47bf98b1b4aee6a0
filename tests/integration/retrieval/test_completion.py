"""Both scores for every candidate, over the real index."""

from services.retrieval.adapters.completion import complete_rankings
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.qdrant import within_reach
from tests.search_stack import SearchStack

_QUESTION = "When can vessels depart? Error XK-4471, and the salary of the keeper"


async def test_short_rankings_are_completed_to_what_deep_ones_say_and_no_further(
    stack: SearchStack, library: str
) -> None:
    reach, words = within_reach("key:tester"), Bm25Embedder().embed_query(_QUESTION)
    async with stack.embedder() as embedder, stack.index() as index:
        vector = await embedder.embed_query(_QUESTION)
        deep = (
            await index.by_meaning(library, vector, reach=reach, limit=50),
            await index.by_words(library, words, reach=reach, limit=50),
        )
        short = (
            await index.by_meaning(library, vector, reach=reach, limit=1),
            await index.by_words(library, words, reach=reach, limit=1),
        )
        dense, sparse = await complete_rankings(index, library, vector, (words, short[1]), reach=reach, limit=1)
        everything = await complete_rankings(index, library, vector, (words, deep[1]), reach=reach, limit=50)
    candidates = short[0].keys() | short[1].keys()
    assert len(candidates) == 2, "the best by meaning and by words are to differ, or nothing is completed"
    assert _rounded(dense) == _rounded({each: deep[0][each] for each in candidates})
    assert _rounded(sparse) == _rounded({each: deep[1][each] for each in candidates if each in deep[1]})
    assert everything == deep


def _rounded(ranking: dict[str, float]) -> dict[str, float]:
    return {chunk: round(score, 3) for chunk, score in ranking.items()}
