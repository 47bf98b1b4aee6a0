"""`GET /v1/models`: every collection as a `rag/` model, then the plain models."""

from typing import cast

from fastapi import APIRouter, Request
from pydantic import TypeAdapter

from services.orchestrator.dependencies import Parts
from services.orchestrator.domain.question import RAG_PREFIX
from services.shared.contracts.corpus import Collection
from services.shared.contracts.openai import Model, ModelList
from services.shared.kit.errors import NotFoundError, PlatformError
from services.shared.kit.telemetry import get_logger

router = APIRouter()
_collections = TypeAdapter(list[Collection])
_log = get_logger("models")


@router.get("/v1/models")
async def list_models(request: Request) -> ModelList:
    """What can be asked; plain models are left out while the engine is starting."""
    parts = cast("Parts", request.app.state.parts)
    return ModelList(data=await _rag_models(parts) + await _plain_models(parts))


@router.get("/v1/models/{model_id:path}")
async def get_model(model_id: str, request: Request) -> Model:
    """One model."""
    models = (await list_models(request)).data
    for model in models:
        if model.id == model_id:
            return model
    names = ", ".join(model.id for model in models) or "none yet"
    raise NotFoundError(f"There is no model '{model_id}'; there are: {names}.", code="model_not_found", param="model")


async def _rag_models(parts: Parts) -> list[Model]:
    collections = _collections.validate_python(await parts.corpus.get_json("/internal/collections"))
    return [
        Model(id=RAG_PREFIX + each.name, created=int(each.created_at.timestamp()), owned_by="ragworks")
        for each in collections
    ]


async def _plain_models(parts: Parts) -> list[Model]:
    try:
        return ModelList.model_validate(await parts.inference.get_json("/v1/models")).data
    except PlatformError as error:
        _log.warning("plain_models_unavailable", code=error.code)
        return []
