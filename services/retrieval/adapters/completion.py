"""Both scores for every candidate: what one ranking did not return is asked for by id.

Without them a passage that only one ranking found would count as nothing in the other, however near it was.
"""

from collections.abc import Sequence

from services.shared.components.embedders.sparse import SparseVector
from services.shared.components.indexes.filters import among
from services.shared.components.indexes.qdrant import ChunkIndex, Ranking, Reach


async def complete_rankings(
    index: ChunkIndex,
    name: str,
    vector: Sequence[float],
    words: tuple[SparseVector, Ranking],
    *,
    reach: Reach,
    limit: int,
) -> tuple[Ranking, Ranking]:
    """The rankings by meaning and by words over the same candidates.

    `words` are the question's terms and the ranking by them, which was asked for `limit` chunks: where it is shorter it
    has all that have one. A candidate without a word of the question stays out of it.
    """
    terms, sparse = words
    dense = await index.by_meaning(name, vector, reach=reach, limit=limit, also=tuple(sparse))
    lacking = sorted(dense.keys() - sparse.keys()) if len(sparse) >= limit else []
    if not lacking:
        return dense, sparse
    more = await index.by_words(name, terms, reach=among(reach, lacking), limit=len(lacking))
    return dense, {**sparse, **more}
