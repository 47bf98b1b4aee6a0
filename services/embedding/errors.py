"""What this service refuses, beyond the platform's tree."""

from services.shared.kit.errors import NotFoundError, RateLimitedError, UnavailableError


class ModelLoadingError(UnavailableError):
    """The model is being read from disk, or could not be."""

    default_code = "model_loading"


class ModelNotFoundError(NotFoundError):
    """Another model than the one served here was named."""

    default_code = "model_not_found"


class QueueFullError(RateLimitedError):
    """More texts wait than the service holds."""

    default_code = "embedding_queue_full"
