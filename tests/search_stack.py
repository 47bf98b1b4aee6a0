"""Search with real parts and no engine: vector database, embedding model, inference, corpus and retrieval."""

from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from pydantic import SecretStr

from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.connect import connect_index
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.kit.http import ServiceClient
from services.shared.kit.settings import PlatformSettings
from tests.processes import REPOSITORY, free_port, start_process, stop_process, wait_ready
from tests.signed import INTERNAL_KEY, Signed

_VECTORDB_KEY = "the vector database's key in tests"
_READY_S = 120


@dataclass(frozen=True)
class SearchStack:
    """The running services' addresses, and ways to speak to them."""

    settings: PlatformSettings

    def retrieval(self, *, principal: str | None = "key:tester") -> httpx2.AsyncClient:
        """A client of the retrieval service that acts for a principal."""
        auth = Signed("retrieval", principal=principal)
        return httpx2.AsyncClient(base_url=self.settings.retrieval_url, auth=auth, timeout=60)

    def orchestrator(self, *, principal: str | None = "key:tester") -> httpx2.AsyncClient:
        """A client of the orchestrator that acts for a principal."""
        auth = Signed("orchestrator", principal=principal)
        return httpx2.AsyncClient(base_url=self.settings.orchestrator_url, auth=auth, timeout=60)

    def corpus(self) -> httpx2.AsyncClient:
        """A client of the corpus service."""
        return httpx2.AsyncClient(base_url=self.settings.corpus_url, auth=Signed("corpus"), timeout=60)

    @asynccontextmanager
    async def index(self) -> AsyncGenerator[ChunkIndex]:
        """The index, as ingest writes it."""
        client = connect_index(self.settings)
        try:
            yield ChunkIndex(client)
        finally:
            await client.close()

    @asynccontextmanager
    async def embedder(self) -> AsyncGenerator[InferenceEmbedder]:
        """The embedding model, as ingest reaches it."""
        async with ServiceClient(self.settings.inference_url, audience="inference", settings=self.settings) as client:
            yield InferenceEmbedder(client, self.settings.embedding_model)


@contextmanager
def running_search_stack(home: Path, *services: str, reranker: Path | None = None) -> Generator[SearchStack]:
    """These services while the block runs, on ports and with a home of their own.

    With a reranker; searches use it only when they say so.
    """
    (home / "models").symlink_to(REPOSITORY / "var" / "models")
    names = ("vectordb", "embedding", "inference", "corpus", "retrieval", "orchestrator", "ingest", "engine")
    urls = {f"{name}_url": f"http://127.0.0.1:{free_port()}" for name in names}
    settings = PlatformSettings(
        home=home,
        internal_key=SecretStr(INTERNAL_KEY),
        vectordb_key=SecretStr(_VECTORDB_KEY),
        engine_key=SecretStr("no engine here"),
        reranker_model=str(reranker or ""),
        **urls,  # type: ignore[arg-type]  # addresses only
    )
    with ExitStack() as stack:
        _start(settings, services, stack)
        yield SearchStack(settings)


def _start(settings: PlatformSettings, services: tuple[str, ...], stack: ExitStack) -> None:
    env = environment_of(settings)
    started = {service: start_process(f"services.{service}", env) for service in services}
    for process in started.values():
        stack.callback(stop_process, process)
    for service, process in started.items():
        # Without an engine the inference service is never ready as a whole; its models of embedding are.
        path = "/healthz" if service == "inference" else "/readyz"
        wait_ready(getattr(settings, f"{service}_url") + path, _READY_S, process=process)


def environment_of(settings: PlatformSettings) -> dict[str, str]:
    """What a service of the stack is started with."""
    given = settings.model_dump(mode="python", exclude_defaults=True)
    for_tests = {"RAGWORKS_RETRIEVAL_COLLECTIONS_TTL_S": "0", "RAGWORKS_RETRIEVAL_RERANK": "false"}
    return for_tests | {
        f"RAGWORKS_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in given.items()
    }
