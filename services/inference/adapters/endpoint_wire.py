"""The two shapes that remote embedding endpoints speak: OpenAI's, and that of text-embeddings-inference (TEI)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.inference.errors import EmbeddingEndpointError

Vectors = list[list[float]]


@dataclass(frozen=True)
class Answered:
    """Vectors in the order of the texts, and the tokens that the endpoint counted; 0 when it does not say."""

    vectors: Vectors
    tokens: int


class Wire(Protocol):
    """One shape."""

    @property
    def path(self) -> str:
        """Where texts go, below the endpoint's address."""
        ...

    @property
    def health_path(self) -> str:
        """What is asked to see whether the endpoint is up and takes our key; costs nothing."""
        ...

    def request(self, texts: Sequence[str]) -> Mapping[str, object]:
        """The body of a request."""
        ...

    def answer(self, body: object, headers: Mapping[str, str], *, texts: int) -> Answered:
        """What an answer holds; raises EmbeddingEndpointError when it is not one for so many texts."""
        ...


@dataclass(frozen=True)
class OpenAiWire:
    """`/embeddings`, as OpenAI, vLLM, Ollama, llama.cpp and many services have it."""

    model: str
    dimensions: int | None
    """Asked for only when set: most models refuse the field."""
    path: str = "/embeddings"
    health_path: str = "/models"

    def request(self, texts: Sequence[str]) -> Mapping[str, object]:
        """Floats rather than base64, which some servers ignore and some refuse."""
        shorten = {"dimensions": self.dimensions} if self.dimensions else {}
        return {"model": self.model, "input": list(texts), "encoding_format": "float", **shorten}

    def answer(self, body: object, headers: Mapping[str, str], *, texts: int) -> Answered:
        """The vectors by their index, which is not always the order they come in."""
        del headers
        try:
            read = _OpenAiAnswer.model_validate(body)
        except ValidationError as error:
            raise _unreadable(error) from error
        by_index = {item.index: item.embedding for item in read.data}
        if len(read.data) != texts or set(by_index) != set(range(texts)):
            raise EmbeddingEndpointError(f"The embedding endpoint returned {len(read.data)} vectors for {texts} texts.")
        return Answered([by_index[index] for index in range(texts)], read.usage.prompt_tokens if read.usage else 0)


@dataclass(frozen=True)
class TeiWire:
    """`/embed`: texts in, a list of vectors out; the server has one model and cuts texts at its window."""

    path: str = "/embed"
    health_path: str = "/health"

    def request(self, texts: Sequence[str]) -> Mapping[str, object]:
        """Normalised there already, which costs nothing."""
        return {"inputs": list(texts), "normalize": True, "truncate": True}

    def answer(self, body: object, headers: Mapping[str, str], *, texts: int) -> Answered:
        """The vectors; the tokens stand in a header."""
        try:
            vectors = _TEI_ANSWER.validate_python(body)
        except ValidationError as error:
            raise _unreadable(error) from error
        if len(vectors) != texts:
            raise EmbeddingEndpointError(f"The embedding endpoint returned {len(vectors)} vectors for {texts} texts.")
        tokens = headers.get("x-compute-tokens", "")
        return Answered(vectors, int(tokens) if tokens.isdigit() else 0)


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True)

    index: int
    embedding: list[float]


class _Usage(BaseModel):
    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0


class _OpenAiAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[_Item]
    usage: _Usage | None = None


_TEI_ANSWER = TypeAdapter(Vectors)


def _unreadable(error: ValidationError) -> EmbeddingEndpointError:
    where = ".".join(str(part) for part in error.errors()[0]["loc"])
    return EmbeddingEndpointError(f"The embedding endpoint's answer could not be read (at '{where or 'its root'}').")
