"""One stack for the folder, with a small library in it."""

import hashlib
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import pytest

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.chunks import EVERYONE, ChunkPayload, chunk_id
from tests.search_stack import SearchStack, running_search_stack
from tests.small_reranker import save_reranker

LIBRARY = "library"
EMPTY = "empty"
OTHER_MODEL = "other-model"


@dataclass(frozen=True)
class Text:
    """A document of one chunk."""

    name: str
    text: str
    access: tuple[str, ...] = (EVERYONE,)
    file_id: str | None = None


TEXTS = (
    Text("lighthouse", "The lighthouse on the northern cape was built of granite in 1871.", file_id="file-1"),
    Text("harbour", "Ships wait in the harbour until the tide is high enough to leave."),
    Text("bread", "Knead the dough for ten minutes, then let it rise until it has doubled."),
    Text("pump", "Error XK-4471 means that the coolant pump has lost pressure."),
    Text("salary", "The salary of the lighthouse keeper is 3,100 a month.", access=("key:boss",)),
)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[SearchStack]:
    """The services."""
    home = tmp_path_factory.mktemp("search")
    reranker = save_reranker(home / "reranker")
    services = ("vectordb", "embedding", "inference", "corpus", "retrieval")
    with running_search_stack(home, *services, reranker=reranker) as running:
        yield running


@pytest.fixture
async def library(stack: SearchStack) -> str:
    """The collection with the texts; made once."""
    async with stack.corpus() as corpus:
        for name in (LIBRARY, EMPTY):
            answer = await corpus.post("/api/collections", json={"name": name})
            if answer.status_code == 409:
                return LIBRARY
            assert answer.status_code == 201, answer.text
    await _store(stack, TEXTS)
    return LIBRARY


@pytest.fixture
async def http(stack: SearchStack, library: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of retrieval, for a signed-in caller who may read what everyone may."""
    async with stack.retrieval() as client:
        yield client


async def _store(stack: SearchStack, texts: Sequence[Text]) -> None:
    bm25 = Bm25Embedder()
    async with stack.embedder() as embedder, stack.index() as index:
        vectors = await embedder.embed_documents([text.text for text in texts])
        await index.upsert(
            LIBRARY,
            [
                IndexedChunk(chunk_id(text.name, "v", 0), _payload(text), vector, bm25.embed_document(text.text))
                for text, vector in zip(texts, vectors, strict=True)
            ],
        )


def _payload(text: Text) -> ChunkPayload:
    return ChunkPayload(
        collection=LIBRARY,
        document_id=text.name,
        document_version="v",
        source=f"{text.name}.md",
        title=text.name.title(),
        text=text.text,
        index=0,
        char_start=0,
        char_end=len(text.text),
        content_hash=hashlib.sha256(text.text.encode()).hexdigest(),
        embedding_model="all-MiniLM-L6-v2",
        access=text.access,
        ingested_at=datetime.now(UTC),
        file_id=text.file_id,
        attributes={"topic": text.name, "length": float(len(text.text))},
    )
