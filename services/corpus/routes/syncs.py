"""`/api/syncs`: syncs and plans, to be watched and stopped."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, DocumentsCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import sync_items, syncs
from services.shared.contracts.sources import Change, Sync, SyncChange

router = APIRouter(prefix="/api/syncs")


@router.get("/{sync_id}")
def get_sync(sync_id: str, corpus: CorpusParts) -> Sync:
    """One sync, counted up to now."""
    with corpus.catalogue.read() as connection:
        return syncs.get(connection, sync_id)


@router.get("/{sync_id}/changes")
def list_changes(
    sync_id: str, corpus: CorpusParts, cursor: DocumentsCursor, change: Change | None = None
) -> Listing[SyncChange]:
    """A page of what it does about each item; kept until the source's next sync or plan."""
    with corpus.catalogue.read() as connection:
        syncs.get(connection, sync_id)
        page = sync_items.page(connection, sync_id, cursor, change=change)
    return listing(page, show=lambda item: item, id_of=lambda item: item.id)


@router.post("/{sync_id}/cancel")
def cancel_sync(sync_id: str, corpus: CorpusParts) -> Sync:
    """End the sync early: what it did so far stays. One that has ended stays as it is."""
    with corpus.catalogue.write() as connection:
        return syncs.cancel(connection, sync_id)
