"""Puts together what syncs need from the worker's tools and settings."""

import asyncio
from collections.abc import Callable, Mapping

from pipelines.ingest.settings import IngestSettings
from pipelines.ingest.syncs.runner import SyncRunner
from pipelines.ingest.syncs.task import SyncRules
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue import files
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.sources.protocol import DeclaredConnectors, StoredFile, Surroundings


def sync_runner(
    settings: IngestSettings, catalogue: Catalogue, tools: Tools, deletions: Deletions, wake: Callable[[], None]
) -> SyncRunner:
    """The runner of this worker."""
    return SyncRunner(
        catalogue=catalogue,
        blobs=tools.blobs,
        deletions=deletions,
        around=surroundings(settings, catalogue, tools.blobs),
        rules=SyncRules(
            fetch_concurrency=settings.sources_fetch_concurrency,
            delete_share=settings.sync_delete_share,
            price_per_million_tokens=settings.embedding_price_per_million_tokens,
            chunking=tools.chunking,
        ),
        retry_window=tools.retry_window,
        wake=wake,
    )


def surroundings(settings: IngestSettings, catalogue: Catalogue, blobs: BlobStore) -> Surroundings:
    """What readers may use."""

    async def stored(ids: list[str]) -> Mapping[str, StoredFile]:
        return await asyncio.to_thread(_stored, catalogue, blobs, ids)

    return Surroundings(
        folders=settings.readable_folders,
        forbidden=settings.home,
        cache=settings.home / "sources",
        private_addresses=settings.sources_private_addresses,
        max_bytes=settings.max_file_bytes,
        timeout_s=settings.sources_timeout_s,
        files=stored,
        connectors=DeclaredConnectors(
            settings.connectors_file,
            settings.environment,
            settings.home,
            settings.connectors_private_hosts,
            settings.vault,
        ),
    )


def _stored(catalogue: Catalogue, blobs: BlobStore, ids: list[str]) -> Mapping[str, StoredFile]:
    with catalogue.read() as connection:
        found = files.by_id(connection, ids)
    return {
        record.id: StoredFile(record.id, record.sha256, record.bytes, record.filename, blobs.path(record.sha256))
        for record in found.values()
    }
