"""Why a search returns a document, or why not."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.retrieval.adapters.explain import Explainer
from services.retrieval.dependencies import get_explainer
from services.shared.contracts.explain import ExplainRequest, Explanation
from services.shared.kit.context import principal

router = APIRouter(prefix="/internal")


@router.post("/explain")
async def explain(request: ExplainRequest, explainer: Annotated[Explainer, Depends(get_explainer)]) -> Explanation:
    """The document's way through the search, for the calling principal."""
    return await explainer.explain(request, principal=principal.get())
