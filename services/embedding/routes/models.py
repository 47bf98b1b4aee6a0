"""The models that are served here."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.embedding.dependencies import Parts, get_parts
from services.shared.contracts.openai import Model, ModelList

router = APIRouter(prefix="/v1/models")


@router.get("")
async def list_models(parts: Annotated[Parts, Depends(get_parts)]) -> ModelList:
    """The embedding model, with how many tokens of a text count, once it is loaded; the reranker unless that fails."""
    await parts.model.check()
    entry = Model(id=parts.model.name, created=0, owned_by="ragworks", max_model_len=parts.model.window_tokens)
    rerankers = [parts.reranker.name] if parts.reranker.is_offered else []
    return ModelList(data=[entry, *(Model(id=name, created=0, owned_by="ragworks") for name in rerankers)])
