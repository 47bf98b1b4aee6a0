"""`/api/sources`: what collections are kept in step with."""

import asyncio
from typing import Literal

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.domain.access import readers
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import sources, syncs
from services.shared.contracts.receipts import DeletedSource
from services.shared.contracts.sources import (
    CreateSource,
    ItemStatus,
    Source,
    SourceItem,
    StartSync,
    Sync,
    UpdateSource,
)
from services.shared.kit.context import principal

router = APIRouter(prefix="/api/sources")


@router.post("", status_code=201)
def create_source(body: CreateSource, corpus: CorpusParts) -> Source:
    """Declare a source; its first sync reads it."""
    return corpus.sources.declare(body, access=readers(principal.get(), body.access), principal=principal.get())


@router.get("")
def list_sources(corpus: CorpusParts, cursor: PageCursor, collection: str | None = None) -> Listing[Source]:
    """A page of the sources, newest first; of one collection when named."""
    with corpus.catalogue.read() as connection:
        page = sources.page(connection, cursor, collection=collection)
    return listing(page, show=lambda source: source, id_of=lambda source: source.id)


@router.get("/{id_or_name}")
def get_source(id_or_name: str, corpus: CorpusParts) -> Source:
    """One source."""
    with corpus.catalogue.read() as connection:
        return sources.get(connection, id_or_name).source


@router.patch("/{id_or_name}")
def update_source(id_or_name: str, body: UpdateSource, corpus: CorpusParts) -> Source:
    """Change globs, schedule, or the config except for the place it names."""
    return corpus.sources.change(id_or_name, body)


@router.delete("/{id_or_name}")
async def delete_source(
    id_or_name: str, corpus: CorpusParts, documents: Literal["keep", "delete"] = "keep"
) -> DeletedSource:
    """Forget the source; `documents=delete` deletes what it brought, except what another source brings too."""
    if documents == "keep":
        removed = await asyncio.to_thread(corpus.sources.remove, id_or_name)
        return DeletedSource(id=removed, object="source")
    receipt = await corpus.erasure.erase_source(id_or_name, principal=principal.get())
    return DeletedSource(id=receipt.subject_id, object="source", receipt_id=receipt.id)


@router.get("/{id_or_name}/items")
def list_items(
    id_or_name: str, corpus: CorpusParts, cursor: PageCursor, status: ItemStatus | None = None
) -> Listing[SourceItem]:
    """A page of the items as the last sync left them; with `status=failed` what the next one tries again."""
    with corpus.catalogue.read() as connection:
        source = sources.get(connection, id_or_name).source
        page = sources.items(connection, source.id, cursor, status=status)
    return listing(page, show=lambda item: item, id_of=lambda item: item.id)


@router.post("/{id_or_name}/plan", status_code=201)
def plan_sync(id_or_name: str, corpus: CorpusParts) -> Sync:
    """See what a sync would do; poll the answer's id until it has ended. Nothing is changed."""
    return corpus.sources.start(id_or_name, dry_run=True)


@router.post("/{id_or_name}/sync", status_code=201)
def start_sync(id_or_name: str, body: StartSync, corpus: CorpusParts) -> Sync:
    """Bring the collection in step with the source; durable when this answers."""
    return corpus.sources.start(id_or_name, dry_run=False, allow_deletes=body.allow_deletes, full=body.full)


@router.get("/{id_or_name}/syncs")
def list_syncs(id_or_name: str, corpus: CorpusParts, cursor: PageCursor) -> Listing[Sync]:
    """A page of the source's syncs and plans, newest first."""
    with corpus.catalogue.read() as connection:
        source = sources.get(connection, id_or_name).source
        page = syncs.page(connection, cursor, source_id=source.id)
    return listing(page, show=lambda sync: sync, id_of=lambda sync: sync.id)
