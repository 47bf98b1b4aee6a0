"""Dense embeddings through the inference service, the only road to a model."""

import base64
from array import array
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from services.shared.kit.errors import UpstreamError
from services.shared.kit.http import ServiceClient

_PATH = "/v1/embeddings"
BATCH_TEXTS = 64


class InferenceEmbedder:
    """Embeds texts with one model served behind the inference service."""

    def __init__(self, client: ServiceClient, model: str) -> None:
        self._client = client
        self.model = model

    def of(self, model: str) -> "InferenceEmbedder":
        """The same for another model."""
        return self if model == self.model else InferenceEmbedder(self._client, model)

    async def embed_query(self, text: str) -> list[float]:
        """The vector of a query; a text longer than the model's window is cut there.

        Raises:
            PlatformError: as `ServiceClient.post_json`.
        """
        return (await self._embed([text]))[0]

    async def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """The vectors of the texts, in their order, sent in batches of `BATCH_TEXTS`."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH_TEXTS):
            vectors += await self._embed(texts[start : start + BATCH_TEXTS])
        return vectors

    async def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        request = {"model": self.model, "input": list(texts), "encoding_format": "base64"}
        try:
            answer = _Answer.model_validate(await self._client.post_json(_PATH, request))
            vectors = [_floats(item.embedding) for item in sorted(answer.data, key=lambda item: item.index)]
        except (ValidationError, ValueError) as error:
            raise UpstreamError(f"The embedding of {self.model} could not be read: {error}.") from error
        if len(vectors) != len(texts):
            raise UpstreamError(f"{self.model} returned {len(vectors)} vectors for {len(texts)} texts.")
        return vectors


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True)

    index: int
    embedding: str


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[_Item]


def _floats(encoded: str) -> list[float]:
    values = array("f")  # OpenAI's base64 form: little-endian 32-bit floats
    values.frombytes(base64.b64decode(encoded, validate=True))
    return values.tolist()
