"""Reads an embedding request, strictly: what is refused is refused with the field, the value and the way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from services.shared.kit.errors import InvalidRequestError

_FEW_TEXTS = 4
_FEW_CHARACTERS = 16_384


class Encoding(StrEnum):
    """How a vector is written down."""

    FLOAT = "float"
    BASE64 = "base64"


@dataclass(frozen=True)
class EmbeddingCall:
    """A request that can be served."""

    model: str
    texts: list[str]
    encoding: Encoding
    dimensions: int | None

    @property
    def is_small(self) -> bool:
        """Somebody waits for it, as for a query; the rest is bulk work."""
        return len(self.texts) <= _FEW_TEXTS and sum(map(len, self.texts)) <= _FEW_CHARACTERS


def read_call(body: Mapping[str, object], *, max_inputs: int) -> EmbeddingCall:
    """The call in a request body.

    Raises:
        InvalidRequestError: a field is missing or not usable.
    """
    return EmbeddingCall(
        model=_model(body.get("model")),
        texts=_texts(body.get("input"), max_inputs),
        encoding=_encoding(body.get("encoding_format")),
        dimensions=_dimensions(body.get("dimensions")),
    )


def _model(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequestError("model: name the model that GET /v1/models lists.", param="model")
    return value


def _texts(value: object, max_inputs: int) -> list[str]:
    if value is None:
        raise InvalidRequestError("input: give a text or a list of texts.", param="input")
    inputs = cast("list[object]", value) if isinstance(value, list) else [value]
    if not inputs:
        raise InvalidRequestError("input: the list is empty; give at least one text.", param="input")
    if len(inputs) > max_inputs:
        raise InvalidRequestError(
            f"input: {len(inputs):,} texts are more than the {max_inputs:,} of one request; send several requests.",
            param="input",
            code="too_many_inputs",
        )
    return [_text(item, position) for position, item in enumerate(inputs)]


def _text(value: object, position: int) -> str:
    if isinstance(value, int | list):
        raise InvalidRequestError(
            f"input[{position}]: token numbers are not accepted, because every model has its own; send text.",
            param="input",
            code="token_input_not_supported",
        )
    if not isinstance(value, str):
        raise InvalidRequestError(f"input[{position}]: a text is needed, not {type(value).__name__}.", param="input")
    if not value.strip():
        raise InvalidRequestError(
            f"input[{position}]: the text is empty; leave it out.", param="input", code="empty_input"
        )
    return value


def _encoding(value: object) -> Encoding:
    if value is None:
        return Encoding.FLOAT
    if value not in list(Encoding):
        raise InvalidRequestError(
            f"encoding_format: '{value}' is unknown; use float or base64.", param="encoding_format"
        )
    return Encoding(value)


def _dimensions(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidRequestError("dimensions: a whole number is needed.", param="dimensions")
    return value
