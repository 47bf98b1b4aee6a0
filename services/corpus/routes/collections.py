"""`/api/collections`, and the same for the platform's own services."""

import asyncio

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import collections
from services.shared.components.catalogue.collections import CollectionChoices
from services.shared.contracts.corpus import Collection, CreateCollection
from services.shared.contracts.openai import Deleted
from services.shared.contracts.reconciliation import Reconciliation

router = APIRouter()


@router.get("/api/collections")
def list_collections(corpus: CorpusParts, cursor: PageCursor) -> Listing[Collection]:
    """A page of the collections, newest first."""
    with corpus.catalogue.read() as connection:
        page = collections.page(connection, cursor)
    return listing(page, show=lambda found: found, id_of=lambda found: found.id)


@router.post("/api/collections", status_code=201)
async def create_collection(body: CreateCollection, corpus: CorpusParts) -> Collection:
    """Make a collection; how its documents are cut and compared holds for its whole life."""
    chunking = None if body.chunking is None else corpus.chunking.completed(body.chunking)
    choices = CollectionChoices(chunking, body.deduplication)
    return await corpus.create_collection(body.name, body.attributes, choices)


@router.get("/internal/collections")
def all_collections(corpus: CorpusParts) -> list[Collection]:
    """Every collection, by name: what the orchestrator offers as models."""
    with corpus.catalogue.read() as connection:
        return collections.everything(connection)


@router.get("/api/collections/{id_or_name}")
@router.get("/internal/collections/{id_or_name}")
def get_collection(id_or_name: str, corpus: CorpusParts) -> Collection:
    """One collection, by name or id."""
    return corpus.collection(id_or_name)


@router.post("/api/collections/{id_or_name}/reconcile")
async def reconcile_collection(id_or_name: str, corpus: CorpusParts, repair: bool = False) -> Reconciliation:  # noqa: FBT001 - a query parameter
    """Compare the collection's ledger with the index; with `repair=true` put right what differs."""
    collection = await asyncio.to_thread(corpus.collection, id_or_name)
    return await corpus.reconciler.reconcile(collection, repair=repair)


@router.delete("/api/collections/{id_or_name}")
async def delete_collection(id_or_name: str, corpus: CorpusParts) -> Deleted:
    """Delete the collection and what was ingested into it; the files stay."""
    return Deleted(id=await corpus.deletions.delete_collection(id_or_name), object="collection")
