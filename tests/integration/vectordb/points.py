"""Points with random vectors, in batches."""

import random
from collections.abc import Iterable

from qdrant_client import AsyncQdrantClient, models

SIZE = 32


async def create(client: AsyncQdrantClient, name: str) -> None:
    """A collection with an unnamed vector."""
    params = models.VectorParams(size=SIZE, distance=models.Distance.COSINE)
    await client.create_collection(name, vectors_config=params)


def batch(ids: Iterable[int], text: str = "some text") -> list[models.PointStruct]:
    """Points whose vectors depend on their ids alone."""
    return [models.PointStruct(id=id_, vector=vector(id_), payload={"text": text, "number": id_}) for id_ in ids]


def vector(id_: int) -> list[float]:
    generator = random.Random(id_)  # noqa: S311 - repeatable, not secret
    return [generator.uniform(-1, 1) for _ in range(SIZE)]


async def fill(client: AsyncQdrantClient, name: str, count: int) -> None:
    """Points 0 to count - 1, in batches of 1,000."""
    for start in range(0, count, 1000):
        await client.upsert(name, batch(range(start, min(start + 1000, count))), wait=True)


async def all_ids(client: AsyncQdrantClient, name: str) -> set[int]:
    """Every id, page by page."""
    found: set[int] = set()
    points, offset = await client.scroll(name, limit=10_000, with_payload=False)
    found.update(int(point.id) for point in points)
    while offset is not None:
        points, offset = await client.scroll(name, limit=10_000, offset=offset, with_payload=False)
        found.update(int(point.id) for point in points)
    return found
