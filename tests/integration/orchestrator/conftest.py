"""The orchestrator with real search and real embeddings; the engine says what a test wants it to say."""

from collections.abc import AsyncGenerator, Generator

import httpx2
import pytest

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.chunks import chunk_id
from services.shared.kit.settings import port_of
from tests.evals.stored import payload
from tests.integration.orchestrator.engine import ScriptedEngine, running_engine
from tests.search_stack import SearchStack, running_search_stack

COLLECTION = "harbour"
DOCUMENTS = {
    "ferry": "# Ferries\n\nThe ferry to Nordsund leaves at 07:40. It carries 120 passengers and 18 cars.\n\n"
    "A ticket costs 14 euros. Captain Ada Lindqvist has been in command since 3 May 2019.",
    "lighthouse": "The lighthouse on the cape was built of granite in 1871. Its light reaches 31 nautical miles.",
}
CHUNK_STARTS = {"ferry": DOCUMENTS["ferry"].index("The ferry"), "lighthouse": 0}
"""Where in its document each chunk starts: a heading is no part of it."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[SearchStack]:
    """The services."""
    names = ("vectordb", "embedding", "inference", "corpus", "retrieval", "orchestrator")
    with running_search_stack(tmp_path_factory.mktemp("orchestrator"), *names) as running:
        yield running


@pytest.fixture
async def model(stack: SearchStack) -> AsyncGenerator[ScriptedEngine]:
    """The engine, before which inference stands."""
    async with running_engine(port_of(stack.settings.engine_url)) as running:
        yield running


@pytest.fixture
async def http(stack: SearchStack, model: ScriptedEngine) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of the orchestrator; the collection is there."""
    async with stack.corpus() as corpus:
        made = await corpus.post("/api/collections", json={"name": COLLECTION})
    if made.status_code == 201:
        await _store(stack)
    async with stack.orchestrator() as client:
        yield client


async def _store(stack: SearchStack) -> None:
    texts = {name: text[CHUNK_STARTS[name] :] for name, text in DOCUMENTS.items()}
    bm25 = Bm25Embedder()
    async with stack.embedder() as embedder, stack.index() as index:
        vectors = await embedder.embed_documents(list(texts.values()))
        chunks: list[IndexedChunk] = []
        for (name, text), vector in zip(texts.items(), vectors, strict=True):
            start = CHUNK_STARTS[name]
            span = {"char_start": start, "char_end": start + len(text)}
            stored = payload(COLLECTION, name, text).model_copy(update=span)
            chunks.append(IndexedChunk(chunk_id(name, "v", 0), stored, vector, bm25.embed_document(text)))
        await index.upsert(COLLECTION, chunks)
