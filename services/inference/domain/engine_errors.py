"""What an engine's error answer means, as an error of our tree. The shapes are vLLM's."""

import re

from services.inference.errors import (
    EngineFailedError,
    ModelNotFoundError,
    engine_unavailable,
)
from services.shared.kit.errors import (
    ContextLengthError,
    PlatformError,
    error_from_response,
)

_CONTEXT = re.compile(r"maximum context length|max_model_len|longer than the maximum model length", re.IGNORECASE)
_DEAD = re.compile(r"EngineCore|EngineDead|engine is dead", re.IGNORECASE)
_PARAMETER_NOTE = re.compile(r"\s*\(parameter=[^)]*\)\s*$")
_OUR_PARAMS = {"input_tokens": "messages", "max_tokens": "max_tokens", "max_completion_tokens": "max_tokens"}


def engine_error(status: int, body: object) -> PlatformError:
    """The error for an engine's answer with this status."""
    told = error_from_response(status, body, service="the model engine")
    message = _PARAMETER_NOTE.sub("", told.message)
    if status in {401, 403}:  # our own key is wrong: not the fault of who asked us
        return EngineFailedError("The model engine refused our key; check secrets/engine.key.")
    if status == 404:
        return ModelNotFoundError(message, param="model")
    if 400 <= status < 500:
        return _refusal(told, message)
    if status == 503 or _DEAD.search(message):
        return engine_unavailable()
    return EngineFailedError(f"The model engine failed: {message}")


def _refusal(told: PlatformError, message: str) -> PlatformError:
    param = _OUR_PARAMS.get(told.param or "", told.param)
    if _CONTEXT.search(message):
        return ContextLengthError(message, param=param or "messages")
    return type(told)(message, param=param, retry_after_seconds=told.retry_after_seconds)
