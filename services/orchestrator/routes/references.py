"""`/references`: for the corpus, which deletes documents; nobody reaches it from outside."""

from functools import partial

from fastapi import APIRouter

from services.orchestrator.adapters import references
from services.orchestrator.dependencies import CurrentParts
from services.shared.contracts.references import FORGET, REFERENCES, References, ReferencesTo

router = APIRouter()


@router.post(REFERENCES)
async def count_references(meant: ReferencesTo, parts: CurrentParts) -> References:
    """What records and conversations have of the documents and of the principal."""
    return await parts.records.read(partial(references.there_are, meant=meant))


@router.post(FORGET)
async def forget_references(meant: ReferencesTo, parts: CurrentParts) -> References:
    """Remove it; what was removed."""
    return await parts.records.write(partial(references.forget, meant=meant))
