"""Both scores for every candidate: what one ranking did not return is asked for by id.

Without them a passage that only one ranking found would count as nothing in the other, however near it was.
"""

import asyncio
from collections.abc import Sequence

from services.shared.components.embedders.sparse import SparseVector
from services.shared.components.indexes.filters import among
from services.shared.components.indexes.qdrant import ChunkIndex, Ranking, Reach


async def completed(
    index: ChunkIndex,
    name: str,
    rankings: tuple[Ranking, Ranking],
    vectors: tuple[Sequence[float], SparseVector],
    *,
    reach: Reach,
    limit: int,
) -> tuple[Ranking, Ranking]:
    """The rankings by meaning and by words over the same candidates; `limit` is what each was asked for.

    A ranking that is shorter has all there is. A candidate without a word of the question stays out of the second.
    """
    dense, sparse = rankings

    async def by_meaning() -> Ranking:
        lacking = _lacking(dense, sparse, limit)
        if not lacking:
            return {}
        return await index.by_meaning(name, vectors[0], reach=among(reach, lacking), limit=len(lacking))

    async def by_words() -> Ranking:
        lacking = _lacking(sparse, dense, limit)
        if not lacking:
            return {}
        return await index.by_words(name, vectors[1], reach=among(reach, lacking), limit=len(lacking))

    more_dense, more_sparse = await asyncio.gather(by_meaning(), by_words())
    return {**dense, **more_dense}, {**sparse, **more_sparse}


def _lacking(ranking: Ranking, other: Ranking, limit: int) -> list[str]:
    return [] if len(ranking) < limit else sorted(other.keys() - ranking.keys())
