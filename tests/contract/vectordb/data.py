"""A small collection every reading test can use: ten points with dense and sparse vectors and a varied payload."""

from uuid import UUID

from qdrant_client import AsyncQdrantClient, models

DENSE = "dense"
SPARSE = "words"
SIZE = 4
UUID_POINT = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"

_CITIES = ["Berlin", "Paris", "Rome"]


def vector(index: int) -> list[float]:
    """Vectors that turn away from the first one, step by step."""
    return [10.0 - index, float(index), 1.0, 0.5]


def point(index: int) -> models.PointStruct:
    """The point of this number."""
    return models.PointStruct(
        id=index,
        vector={DENSE: vector(index), SPARSE: models.SparseVector(indices=[1, 10 + index], values=[1.0, 2.0 + index])},
        payload={
            "city": _CITIES[index % 3],
            "number": index,
            "share": index / 10,
            "even": index % 2 == 0,
            "when": f"2024-01-{index + 1:02d}T12:00:00Z",
            "text": f"the quick brown fox number {index} jumps over lazy dogs" if index % 2 else "slow green turtle",
            "tags": ["all", f"tag{index}"],
            "place": {"lon": 13.4 + index, "lat": 52.5},
            "uuid": str(UUID(int=index)),
            "offers": [{"shop": "a", "price": index}, {"shop": "b", "price": 100 - index}],
            **({"nothing": None} if index == 3 else {}),
            **({"rare": "yes"} if index in {4, 5} else {}),
        },
    )


async def create(client: AsyncQdrantClient, name: str) -> None:
    """An empty collection with a dense and a sparse vector."""
    await client.create_collection(
        name,
        vectors_config={DENSE: models.VectorParams(size=SIZE, distance=models.Distance.COSINE)},
        sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )


async def fill(client: AsyncQdrantClient, name: str, count: int = 10) -> None:
    """The collection with its points."""
    await create(client, name)
    await client.upsert(name, [point(index) for index in range(count)], wait=True)


async def ids(client: AsyncQdrantClient, name: str, condition: models.Filter | None = None) -> list[int | str]:
    """The ids of all points that match, in order."""
    points, _ = await client.scroll(name, scroll_filter=condition, limit=1000, with_payload=False)
    return [found.id for found in points]  # type: ignore[misc]
