"""The parts of the service, named once; routes ask for them here."""

from dataclasses import dataclass
from typing import Self, cast

from fastapi import FastAPI, Request
from starlette.types import Scope

from services.embedding.adapters.model import ServedModel, loader
from services.embedding.adapters.reranker import ServedReranker
from services.embedding.adapters.reranker import loader as load_reranker
from services.embedding.settings import EmbeddingSettings


@dataclass(frozen=True)
class Parts:
    """Everything a route may need. The models are to be opened before use."""

    model: ServedModel
    reranker: ServedReranker
    max_inputs: int
    max_body_bytes: int

    @classmethod
    def of(cls, settings: EmbeddingSettings) -> Self:
        """The parts for these settings; nothing is loaded yet."""
        model = ServedModel(
            settings.embedding_model,
            load=loader(settings.model_source, backend=settings.embedding_backend, threads=settings.threads),
            max_waiting_texts=settings.embedding_max_waiting_texts,
        )
        reranker = ServedReranker(
            settings.reranker_name,
            load=load_reranker(settings.reranker_kind, settings.reranker_source, threads=settings.threads),
            max_waiting_texts=settings.reranker_max_waiting_texts,
        )
        return cls(
            model=model,
            reranker=reranker,
            max_inputs=settings.embedding_max_inputs,
            max_body_bytes=settings.embedding_max_body_bytes,
        )


def parts_of(scope: Scope) -> Parts:
    """The parts, for a plain ASGI route."""
    app: FastAPI = scope["app"]
    return cast("Parts", app.state.parts)


def get_parts(request: Request) -> Parts:
    """The parts, for a FastAPI route."""
    return parts_of(request.scope)
