"""What the embedders that run in this process have in common."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from services.shared.components.embedders.batching import EmbeddedBatch, plan_batches

_BATCH_TOKENS = 2048


class LocalEmbeddings(Embeddings):
    """LangChain embeddings over a loaded model, for one thread at a time: tokenizer and network keep state."""

    @property
    @abstractmethod
    def window_tokens(self) -> int:
        """Tokens of a text that count; the rest is cut off."""

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Length of every vector."""

    @abstractmethod
    def embed_batch(self, texts: Sequence[str]) -> EmbeddedBatch:
        """The vectors of one text or more, computed in one pass of the network and padded to the longest of them."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of the texts, in their order."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for batch in plan_batches(texts, window_tokens=self.window_tokens, batch_tokens=_BATCH_TOKENS):
            vectors[batch] = self.embed_batch([texts[i] for i in batch]).vectors
        return vectors.tolist()

    def embed_query(self, text: str) -> list[float]:
        """The vector of a query."""
        return self.embed_batch([text]).vectors[0].tolist()
