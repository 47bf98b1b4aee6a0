"""The models that can be asked for."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.inference.dependencies import Parts, get_parts
from services.inference.errors import ModelNotFoundError, engine_unavailable
from services.shared.contracts.openai import Model, ModelList
from services.shared.kit.errors import PlatformError

router = APIRouter(prefix="/v1/models")


@router.get("")
async def list_models(parts: Annotated[Parts, Depends(get_parts)]) -> ModelList:
    """Models of every server that answers; 503 when none does."""
    return ModelList(data=await _available(parts))


@router.get("/{model:path}")
async def get_model(model: str, parts: Annotated[Parts, Depends(get_parts)]) -> Model:
    """One model."""
    available = await _available(parts)
    for entry in available:
        if entry.id == model:
            return entry
    names = ", ".join(entry.id for entry in available)
    raise ModelNotFoundError(f"The model '{model}' does not exist; available: {names}.", param="model")


async def _available(parts: Parts) -> list[Model]:
    listings: list[list[Model]] = []
    for source in (parts.fleet, parts.embeddings):
        try:
            listings.append(await source.models())
        except PlatformError:  # what the other server has can still be used
            continue
    if not listings:
        raise engine_unavailable()
    return [model for listing in listings for model in listing]
