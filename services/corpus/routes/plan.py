"""`/api/ingest/plan`: which bytes an ingest would need."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts
from services.shared.components.catalogue import collections, documents
from services.shared.contracts.corpus import PlanRequest, PlanResponse

router = APIRouter(prefix="/api/ingest")


@router.post("/plan")
def plan(body: PlanRequest, corpus: CorpusParts) -> PlanResponse:
    """Compare what a client holds with what is searchable; only added and changed documents need to be sent."""
    sources = [document.source for document in body.documents]
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, body.collection)
        known = documents.versions(connection, collection.id, sources)
    by_fate: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    for document in body.documents:
        version = known.get(document.source)
        same = "unchanged" if version == document.sha256 else "changed"
        by_fate["added" if version is None else same].append(document.source)
    return PlanResponse(**by_fate)
