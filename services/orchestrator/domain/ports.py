"""What the answer graph needs from other services."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.orchestrator.domain.templates import Messages
from services.shared.contracts.openai import Usage
from services.shared.contracts.search import SearchRequest, SearchResponse


@dataclass(frozen=True)
class ServedModel:
    """A model that can answer, and its window in tokens."""

    name: str
    window_tokens: int


@dataclass(frozen=True)
class Delta:
    """What one event of a generation brought."""

    text: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None


class Retriever(Protocol):
    """Finds passages."""

    async def search(self, request: SearchRequest) -> SearchResponse:
        """Passages of a collection, best first."""
        ...


class ChatModel(Protocol):
    """Counts and generates tokens."""

    async def served(self, name: str | None = None) -> ServedModel:
        """The model of this name, else the one that answers by default."""
        ...

    async def count_tokens(self, model: str, messages: Messages) -> int:
        """Tokens of a conversation under the model's template."""
        ...

    async def most_tokens(self, model: str, messages: Messages) -> int:
        """A number of tokens that the conversation does not exceed, found quickly."""
        ...

    def generate(
        self, model: str, messages: Messages, *, max_tokens: int, sampling: dict[str, object]
    ) -> AbstractAsyncContextManager[AsyncGenerator[Delta]]:
        """A generation; entered once the engine has accepted it, left early to stop it."""
        ...


class TextVectors(Protocol):
    """Says how near texts are in meaning."""

    async def of(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        """A vector for each text; None while the embedding model cannot be reached."""
        ...
