"""What a reranker does."""

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Reads the question together with each text; used by one thread at a time."""

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, 0 to 1, in the order of the texts; a text too long is cut."""
        ...
