"""The parts of the service, named once; routes ask for them here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self, cast

from fastapi import FastAPI, Request
from starlette.types import Scope

from services.inference.adapters.catalogue import ModelSource
from services.inference.adapters.engine import Deadlines, Engine
from services.inference.settings import InferenceSettings
from services.shared.kit.http import ServiceClient


@dataclass(frozen=True)
class Parts:
    """Everything a route may need. The clients are to be opened before use."""

    engine_client: ServiceClient
    embedding_client: ServiceClient
    engine: Engine
    engine_models: ModelSource
    embedding_models: ModelSource
    max_body_bytes: int

    @classmethod
    def of(cls, settings: InferenceSettings) -> Self:
        """The parts for these settings; nothing is connected yet."""
        deadlines = Deadlines(
            first_chunk_s=settings.inference_first_token_timeout_s,
            next_chunk_s=settings.inference_next_token_timeout_s,
            answer_s=settings.inference_answer_timeout_s,
        )
        engine = ServiceClient(
            settings.engine_url,
            audience="the model engine",
            settings=settings,
            bearer=settings.secret("engine").get_secret_value(),
            read_timeout_s=0,  # the deadlines above end a call
        )
        embedding = ServiceClient(settings.embedding_url, audience="embedding", settings=settings)
        ttl = timedelta(seconds=settings.inference_models_ttl_s)
        return cls(
            engine_client=engine,
            embedding_client=embedding,
            engine=Engine(engine, deadlines),
            engine_models=ModelSource(engine, ttl),
            embedding_models=ModelSource(embedding, ttl),
            max_body_bytes=settings.inference_max_body_bytes,
        )


def parts_of(scope: Scope) -> Parts:
    """The parts, for a plain ASGI route."""
    app: FastAPI = scope["app"]
    return cast("Parts", app.state.parts)


def get_parts(request: Request) -> Parts:
    """The parts, for a FastAPI route."""
    return parts_of(request.scope)
