"""`/references`: for the corpus, which deletes documents; nobody reaches it from outside."""

from functools import partial

from fastapi import APIRouter

from services.orchestrator.adapters import references
from services.orchestrator.dependencies import CurrentParts, Parts
from services.shared.contracts.references import FORGET, NO_REFERENCES, REFERENCES, References, ReferencesTo

router = APIRouter()


@router.post(REFERENCES)
async def count_references(meant: ReferencesTo, parts: CurrentParts) -> References:
    """What records and conversations have of the documents and of the principal."""
    own = await parts.records.read(partial(references.there_are, meant=meant))
    return own + await _asked_of_inference(parts, REFERENCES, meant)


@router.post(FORGET)
async def forget_references(meant: ReferencesTo, parts: CurrentParts) -> References:
    """Remove it; what was removed."""
    own = await parts.records.write(partial(references.forget, meant=meant))
    return own + await _asked_of_inference(parts, FORGET, meant)


async def _asked_of_inference(parts: Parts, path: str, meant: ReferencesTo) -> References:
    """The same of the request log, which has requests of principals and nothing of documents."""
    if meant.principal is None:
        return NO_REFERENCES
    return References.model_validate(await parts.inference.post_json(path, meant.model_dump(mode="json")))
