"""What this service refuses or fails with, beyond the platform's tree."""

from services.shared.kit.errors import (
    NotFoundError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)


class EngineUnavailableError(UnavailableError):
    """The engine is starting, restarting, or was lost before it answered."""

    default_code = "engine_unavailable"


class EngineTimeoutError(UpstreamTimeoutError):
    """The engine is up and silent."""

    default_code = "engine_timeout"


class EngineFailedError(UpstreamError):
    """The engine failed at this request in a way that is not the caller's fault."""

    default_code = "engine_error"


class EmbeddingEndpointError(UpstreamError):
    """The remote embedding endpoint failed at this request; the same request may succeed later."""

    default_code = "embedding_endpoint_error"


class EmbeddingEndpointSetupError(UpstreamError):
    """The endpoint and our settings do not fit: key, model, address, length of vectors. An operator has to look."""

    default_code = "embedding_endpoint_setup"


class RerankEndpointError(UpstreamError):
    """The remote reranker failed, or its settings do not fit."""

    default_code = "rerank_endpoint_error"


class ModelNotFoundError(NotFoundError):
    """No server behind this service has the model."""

    default_code = "model_not_found"


class ReplicaNotFoundError(NotFoundError):
    """The model has no replica at that address."""

    default_code = "replica_not_found"


class OverloadedError(RateLimitedError):
    """The request would be answered too late, so it is refused at once."""

    default_code = "slo_unreachable"


def engine_unavailable() -> EngineUnavailableError:
    """The engine cannot be reached; its supervisor brings it back."""
    return EngineUnavailableError("The model engine is starting or restarting; try again in a few seconds.")


def stream_interrupted() -> EngineUnavailableError:
    """The engine was lost after the answer began."""
    return EngineUnavailableError(
        "The answer broke off: the connection to the model engine was lost; ask again.",
        code="stream_interrupted",
    )


def no_such_request(request_id: str) -> NotFoundError:
    """The request log has nothing of this id."""
    return NotFoundError(
        f"Nothing is kept of a request '{request_id}'; GET /api/inference/requests lists what is.",
        code="request_not_found",
    )


def no_request_log() -> NotFoundError:
    """The request log is switched off."""
    return NotFoundError(
        "No requests are kept here: RAGWORKS_INFERENCE_LOG is off; set it to metadata or full.", code="no_request_log"
    )
