"""`/api/collections`, and the same for the platform's own services."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from services.corpus.adapters.duplicates import report_duplicates
from services.corpus.adapters.parsers import checked_parsers, list_parsers
from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import collections, statistics
from services.shared.components.catalogue.collections import CollectionChoices
from services.shared.components.duplicates.near import LOWEST_THRESHOLD
from services.shared.contracts.corpus import Collection, CountedCollection, CreateCollection
from services.shared.contracts.duplicates import DuplicateReport
from services.shared.contracts.parsers import SelectableParser
from services.shared.contracts.receipts import DeletedWithReceipt
from services.shared.contracts.reconciliation import Reconciliation
from services.shared.contracts.statistics import CollectionStatistics
from services.shared.kit.context import principal

router = APIRouter()


@router.get("/api/collections")
def list_collections(corpus: CorpusParts, cursor: PageCursor) -> Listing[CountedCollection]:
    """A page of the collections, newest first."""
    with corpus.catalogue.read() as connection:
        page = collections.page(connection, cursor)
    return listing(page, show=lambda found: found, id_of=lambda found: found.id)


@router.post("/api/collections", status_code=201)
async def create_collection(body: CreateCollection, corpus: CorpusParts) -> CountedCollection:
    """Make a collection; how its documents are compared and described holds for its whole life."""
    chunking = None if body.chunking is None else corpus.chunking.completed(body.chunking)
    parsers = checked_parsers(body.parsers)
    choices = CollectionChoices(chunking, body.deduplication, parsers, body.metadata_schema)
    created = await corpus.create_collection(body.name, body.attributes, choices)
    return CountedCollection(**dict(created), documents=0, failed_documents=0, chunks=0, bytes=0)


@router.get("/api/parsers")
def show_parsers() -> list[SelectableParser]:
    """The parsers that a collection may choose instead of the platform's own."""
    return list_parsers()


@router.get("/internal/collections")
def all_collections(corpus: CorpusParts) -> list[Collection]:
    """Every collection, by name: what the orchestrator offers as models."""
    with corpus.catalogue.read() as connection:
        return collections.everything(connection)


@router.get("/internal/collections/{id_or_name}")
def find_collection(id_or_name: str, corpus: CorpusParts) -> Collection:
    """One collection, by name or id, uncounted: every search asks for it."""
    return corpus.collection(id_or_name)


@router.get("/api/collections/{id_or_name}")
def get_collection(id_or_name: str, corpus: CorpusParts) -> CountedCollection:
    """One collection, by name or id."""
    with corpus.catalogue.read() as connection:
        return collections.get_counted(connection, id_or_name)


@router.get("/api/collections/{id_or_name}/statistics")
def count_collection(id_or_name: str, corpus: CorpusParts) -> CollectionStatistics:
    """What is in a collection: documents, chunks, bytes, languages, age, failures."""
    with corpus.catalogue.read() as connection:
        return statistics.of_collection(connection, collections.get(connection, id_or_name))


@router.get("/api/collections/{id_or_name}/duplicates")
def find_duplicates(
    id_or_name: str,
    corpus: CorpusParts,
    threshold: Annotated[float, Query(ge=LOWEST_THRESHOLD, le=1)] = 0.8,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> DuplicateReport:
    """The equal documents of a collection, and those that are almost equal to another."""
    return report_duplicates(corpus.catalogue, corpus.collection(id_or_name), threshold=threshold, limit=limit)


@router.post("/api/collections/{id_or_name}/reconcile")
async def reconcile_collection(id_or_name: str, corpus: CorpusParts, repair: bool = False) -> Reconciliation:  # noqa: FBT001 - a query parameter
    """Compare the collection's ledger with the index; with `repair=true` put right what differs."""
    collection = await asyncio.to_thread(corpus.collection, id_or_name)
    return await corpus.reconciler.reconcile(collection, repair=repair)


@router.delete("/api/collections/{id_or_name}")
async def delete_collection(id_or_name: str, corpus: CorpusParts) -> DeletedWithReceipt:
    """Delete the collection with its versions and documents, and the originals that nothing else stands on."""
    receipt = await corpus.erasure.erase_collection(id_or_name, principal=principal.get())
    return DeletedWithReceipt(id=receipt.collection_id, object="collection", receipt_id=receipt.id)
