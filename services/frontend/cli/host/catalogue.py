"""The processes of the embedded platform, in the order a question meets them last to first."""

from dataclasses import dataclass

from services.frontend.cli.settings import CliSettings


@dataclass(frozen=True)
class Service:
    """One supervised process."""

    name: str
    role: str
    ready_path: str = "/readyz"


SERVICES = (
    Service("engine", "model engine (vLLM)", ready_path="/health"),
    Service("vectordb", "vector database"),
    Service("embedding", "embedding model"),
    Service("inference", "road to the models"),
    Service("retrieval", "hybrid search"),
    Service("corpus", "collections and jobs"),
    Service("ingest", "ingest worker"),
    Service("connectors", "tools of outside systems"),
    Service("orchestrator", "answers"),
    Service("gateway", "the public door"),
)


def needed_services(settings: CliSettings) -> tuple[Service, ...]:
    """Those this platform consists of: with a remote embedding endpoint, which inference asks, no embedding service."""
    return tuple(service for service in SERVICES if service.name != "embedding" or not settings.embedding_endpoint)


def managed_services(settings: CliSettings) -> tuple[Service, ...]:
    """Those this machine starts; an outside engine or vector database is not among them."""
    outside = {
        name
        for name, managed in (("engine", settings.engine_managed), ("vectordb", settings.vectordb_managed))
        if not managed
    }
    return tuple(service for service in needed_services(settings) if service.name not in outside)
