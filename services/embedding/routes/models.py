"""The model that is served here."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.embedding.dependencies import Parts, get_parts
from services.shared.contracts.openai import Model, ModelList

router = APIRouter(prefix="/v1/models")


@router.get("")
async def list_models(parts: Annotated[Parts, Depends(get_parts)]) -> ModelList:
    """One entry, once the model is loaded; `max_model_len` is how many tokens of a text count."""
    await parts.model.check()
    entry = Model(id=parts.model.name, created=0, owned_by="ragworks", max_model_len=parts.model.window_tokens)
    return ModelList(data=[entry])
