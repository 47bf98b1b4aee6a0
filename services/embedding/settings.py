"""Settings of the embedding service."""

import os
from typing import ClassVar, Literal

from pydantic import Field

from services.shared.kit.settings import PlatformSettings


class EmbeddingSettings(PlatformSettings):
    """Which model is served, how, and how much may wait for it."""

    SERVICE: ClassVar[str] = "embedding"

    embedding_backend: Literal["auto", "openvino", "torch"] = Field(
        default="auto",
        description=(
            "What runs the embedding model; auto: OpenVINO when the model's folder holds such an export and its texts "
            "are pooled by mean or by first token, else PyTorch."
        ),
    )
    embedding_threads: int = Field(
        default=0, ge=0, description="Processor threads of the embedding model; 0: as many as there are processors."
    )
    embedding_max_inputs: int = Field(default=2048, gt=0, description="Most texts of one embedding request.")
    embedding_max_waiting_texts: int = Field(
        default=8192, gt=0, description="Texts that may wait for the embedding model; more are refused with 429."
    )
    embedding_max_body_bytes: int = Field(
        default=16 * 1024 * 1024, gt=0, description="Largest request body the embedding service accepts."
    )
    reranker_kind: Literal["cross-encoder"] = Field(
        default="cross-encoder", description="What RAGWORKS_RERANKER_MODEL is."
    )
    reranker_max_waiting_texts: int = Field(
        default=1024, gt=0, description="Texts that may wait for the reranker; more are refused with 429."
    )

    @property
    def model_source(self) -> str:
        """Where the model is read from: its prepared folder under `models`, any other folder, or a hub id."""
        return self._source_of(self.embedding_model)

    @property
    def reranker_source(self) -> str:
        """The same for the reranker."""
        return self._source_of(self.reranker_model)

    @property
    def reranker_name(self) -> str:
        """The reranker that is served here; empty when there is none, or another server has it."""
        return "" if self.rerank_endpoint else self.reranker_model

    def _source_of(self, model: str) -> str:
        prepared = self.models_dir / model
        return str(prepared) if prepared.is_dir() else model

    @property
    def threads(self) -> int:
        """Processor threads of one pass."""
        return self.embedding_threads or len(os.sched_getaffinity(0))
