"""The parts of the service, named once; routes ask for them here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self, cast

from fastapi import FastAPI, Request
from starlette.types import Scope

from services.inference.adapters.embedding_endpoint import EmbeddingEndpoint, Limits
from services.inference.adapters.embeddings import Embeddings, EmbeddingService
from services.inference.adapters.endpoint_wire import OpenAiWire, TeiWire
from services.inference.adapters.engine import Deadlines, Engine
from services.inference.adapters.fleet import Fleet
from services.inference.adapters.fleet_builder import declared_fleet, single_engine
from services.inference.adapters.model_source import ModelSource
from services.inference.adapters.models_file import read_models_file
from services.inference.adapters.redactors import redactor_named
from services.inference.adapters.remote_embeddings import RemoteEmbeddings
from services.inference.adapters.remote_rerankers import RemoteRerankings
from services.inference.adapters.request_log import LogLimits, RequestLog
from services.inference.adapters.rerankers import Rerankings, RerankService
from services.inference.adapters.tables import metadata
from services.inference.domain.ended_calls import KeepingRules
from services.inference.domain.vectors import VectorCheck
from services.inference.errors import no_request_log
from services.inference.settings import InferenceSettings
from services.shared.contracts.answers import RecordLevel
from services.shared.kit.database import open_database
from services.shared.kit.http import ServiceClient
from services.shared.kit.tables import Tables


@dataclass(frozen=True)
class Parts:
    """Everything a route may need. The clients are to be opened before use."""

    fleet: Fleet
    engine: Engine
    embeddings: Embeddings
    rerankings: Rerankings
    request_log: RequestLog
    log_level: RecordLevel
    max_body_bytes: int

    @classmethod
    def of(cls, settings: InferenceSettings) -> Self:
        """The parts for these settings; nothing is connected yet."""
        deadlines = Deadlines(
            first_chunk_s=settings.inference_first_token_timeout_s,
            next_chunk_s=settings.inference_next_token_timeout_s,
            answer_s=settings.inference_answer_timeout_s,
        )
        fleet, log = _fleet(settings), _request_log(settings)
        return cls(
            fleet=fleet,
            engine=Engine(fleet, deadlines, log),
            request_log=log,
            log_level=settings.inference_log,
            embeddings=_remote(settings) if settings.embedding_endpoint else _service(settings),
            rerankings=_rerankings(settings),
            max_body_bytes=settings.inference_max_body_bytes,
        )

    @property
    def keeps_requests(self) -> bool:
        """Whether there is a request log."""
        return self.log_level is not RecordLevel.OFF

    def kept_requests(self) -> RequestLog:
        """The request log; raises NotFoundError when nothing is kept."""
        if not self.keeps_requests:
            raise no_request_log()
        return self.request_log


def parts_of(scope: Scope) -> Parts:
    """The parts, for a plain ASGI route."""
    app: FastAPI = scope["app"]
    return cast("Parts", app.state.parts)


def get_parts(request: Request) -> Parts:
    """The parts, for a FastAPI route."""
    return parts_of(request.scope)


def _fleet(settings: InferenceSettings) -> Fleet:
    ttl_s = settings.inference_models_ttl_s
    if settings.inference_models is None:
        return single_engine(settings, models_ttl_s=ttl_s)
    catalogue = read_models_file(settings.inference_models)
    return declared_fleet(
        catalogue,
        settings,
        settings.environment,
        models_ttl_s=ttl_s,
        probe_every_s=settings.inference_probe_s,
        rest_s=settings.inference_rest_s,
    )


def _request_log(settings: InferenceSettings) -> RequestLog:
    rules = KeepingRules(
        digest_key=settings.secret("internal").get_secret_value().encode(),
        max_content_bytes=settings.inference_log_max_content_bytes,
        redactor=redactor_named(settings.inference_log_redactor),
    )
    limits = LogLimits(
        days=settings.inference_log_days,
        max_bytes=settings.inference_log_max_bytes,
        sample=settings.inference_log_sample,
    )
    is_kept = settings.inference_log is not RecordLevel.OFF
    return RequestLog(Tables(open_database(settings.database), metadata) if is_kept else None, rules, limits)


def _service(settings: InferenceSettings) -> EmbeddingService:
    client = ServiceClient(settings.embedding_url, audience="embedding", settings=settings)
    return EmbeddingService(client, ModelSource(client, timedelta(seconds=settings.inference_models_ttl_s)))


def _remote(settings: InferenceSettings) -> RemoteEmbeddings:
    limits = Limits(
        batch_texts=settings.embedding_endpoint_batch_texts,
        concurrency=settings.embedding_endpoint_concurrency,
        attempts=settings.embedding_endpoint_attempts,
        timeout_s=settings.embedding_endpoint_timeout_s,
        deadline_s=settings.embedding_endpoint_deadline_s,
    )
    asked = settings.embedding_endpoint_dimensions if settings.embedding_endpoint_shorten else None
    model = settings.embedding_endpoint_model or settings.embedding_model
    wire = TeiWire() if settings.embedding_endpoint_api == "tei" else OpenAiWire(model, asked)
    endpoint = EmbeddingEndpoint(settings.embedding_endpoint, wire, limits, key=settings.endpoint_key)
    return RemoteEmbeddings(
        endpoint,
        settings.embedding_model,
        VectorCheck(endpoint.name, settings.embedding_endpoint_dimensions),
        price_per_million=settings.embedding_price_per_million_tokens,
    )


def _rerankings(settings: InferenceSettings) -> Rerankings:
    if not settings.rerank_endpoint:
        return RerankService(ServiceClient(settings.embedding_url, audience="embedding", settings=settings))
    return RemoteRerankings(
        settings.rerank_endpoint,
        settings.reranker_model,
        api=settings.rerank_endpoint_api,
        model_there=settings.rerank_endpoint_model or settings.reranker_model,
        key=settings.reranker_key,
        timeout_s=settings.rerank_endpoint_timeout_s,
    )
