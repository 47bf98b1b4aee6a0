"""What a call to a model asks for: read once from its body, which itself travels on untouched."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from services.shared.kit.errors import InvalidRequestError


class Operation(Enum):
    """The calls a model serves: OpenTelemetry's name of the operation and the path of its API."""

    CHAT = ("chat", "/v1/chat/completions")
    COMPLETION = ("text_completion", "/v1/completions")
    EMBEDDINGS = ("embeddings", "/v1/embeddings")
    RERANK = ("rerank", "/v1/rerank")
    TOKENIZE = ("tokenize", "/tokenize")

    def __init__(self, label: str, path: str) -> None:
        self.label = label
        self.path = path


@dataclass(frozen=True)
class ModelCall:
    """One request to one model."""

    operation: Operation
    model: str
    streams: bool


def read_call(operation: Operation, body: Mapping[str, object]) -> ModelCall:
    """The call in a request body.

    Raises:
        InvalidRequestError: it names no model.
    """
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise InvalidRequestError(
            "model: name one of the models that GET /v1/models lists.", param="model", code="missing_model"
        )
    return ModelCall(operation, model, streams=body.get("stream") is True)
