"""Search for the platform's own services."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.retrieval.adapters.trial import LiveSearcher
from services.retrieval.dependencies import get_searcher
from services.shared.contracts.search import SearchRequest, SearchResponse
from services.shared.kit.context import principal

router = APIRouter(prefix="/internal")


@router.post("/search")
async def search(request: SearchRequest, searcher: Annotated[LiveSearcher, Depends(get_searcher)]) -> SearchResponse:
    """Passages for the calling principal."""
    return await searcher.search(request, principal=principal.get())
