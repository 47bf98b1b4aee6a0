"""What the stages of the pipeline work with; chosen and opened by `opening`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.chunkers.chunk import Chunker
from services.shared.components.chunkers.registry import build_chunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.components.parsers.isolation import ParserPool
from services.shared.contracts.chunking import Chunking


class DocumentEmbedder(Protocol):
    """Makes dense vectors of texts."""

    model: str

    async def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order; raises errors of our tree."""
        ...


class Models(Protocol):
    """The embedding models that collections were made for, by id."""

    def embedder(self, model: str) -> DocumentEmbedder:
        """What makes its vectors."""
        ...

    def tokens(self, model: str) -> TokenCounter:
        """Its own tokenizer; raises FileNotFoundError when it is not on this machine."""
        ...


@dataclass(frozen=True)
class Tools:
    """The parts of the pipeline, opened; `chunking` is for collections that chose none."""

    blobs: BlobStore
    parsers: ParserPool
    models: Models
    model: str
    chunking: Chunking
    sparse: Bm25Embedder
    index: ChunkIndex
    parse_ahead: int
    embed_batch: int
    retry_window: timedelta

    def chunker(self, chosen: Chunking | None, model: str) -> Chunker:
        """What cuts the documents of a collection with this choice for this embedding model."""
        return build_chunker(chosen or self.chunking, self.models.tokens(model))
