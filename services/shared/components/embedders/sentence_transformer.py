"""Dense embeddings computed in this process by sentence-transformers.

Importing this module loads PyTorch, which takes seconds: only what serves or trains models does.
"""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import torch
from langchain_core.embeddings import Embeddings
from sentence_transformers import SentenceTransformer

from services.shared.components.embedders.batching import EmbeddedBatch, plan_batches

_FALLBACK_WINDOW_TOKENS = 512
_BATCH_TOKENS = 2048


class Backend(StrEnum):
    """What runs the network."""

    TORCH = "torch"
    OPENVINO = "openvino"


class SentenceTransformerEmbeddings(Embeddings):
    """LangChain embeddings over a loaded model, for one thread at a time: tokenizer and network keep state."""

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model

    @property
    def window_tokens(self) -> int:
        """Tokens of a text that count; the rest is cut off."""
        return self._model.max_seq_length or _FALLBACK_WINDOW_TOKENS

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        dimensions = self._model.get_embedding_dimension()
        if dimensions is None:
            raise ValueError("The model does not say how long its vectors are.")
        return dimensions

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of the texts, in their order."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for batch in plan_batches(texts, window_tokens=self.window_tokens, batch_tokens=_BATCH_TOKENS):
            vectors[batch] = self.embed_batch([texts[i] for i in batch]).vectors
        return vectors.tolist()

    def embed_query(self, text: str) -> list[float]:
        """The vector of a query."""
        return self.embed_batch([text]).vectors[0].tolist()

    def embed_batch(self, texts: Sequence[str]) -> EmbeddedBatch:
        """The vectors of the texts, computed in one pass of the network and padded to the longest of them."""
        with torch.inference_mode():
            features = self._model.preprocess(list(texts))
            tokens = int(features["attention_mask"].sum())
            on_device = {
                name: value.to(self._model.device) if isinstance(value, torch.Tensor) else value
                for name, value in features.items()
            }
            vectors = self._model(on_device)["sentence_embedding"]
            vectors = torch.nn.functional.normalize(vectors.float(), dim=1)
        return EmbeddedBatch(vectors=vectors.cpu().numpy(), tokens=tokens)


def load_embeddings(model: str, *, backend: Backend, threads: int) -> SentenceTransformerEmbeddings:
    """Load a model from a local folder or, by its id, from the Hugging Face hub.

    Args:
        model: a folder, which is read without any network, or a hub id.
        backend: what runs the network; other than torch it needs the export in the folder.
        threads: processor threads of one pass. PyTorch has one such setting for the whole process.

    Raises:
        OSError: the model is not there, or its files cannot be read.
    """
    local = Path(model).is_dir()
    if local:
        os.environ["HF_HUB_OFFLINE"] = "1"
    # Beside another backend PyTorch only pools: more threads would spin and take time from the network.
    torch.set_num_threads(threads if backend is Backend.TORCH else 1)
    loaded = SentenceTransformer(
        model,
        backend=backend.value,
        device="cpu" if backend is not Backend.TORCH else None,
        local_files_only=local,
        model_kwargs=_model_options(backend, threads),
    )
    return SentenceTransformerEmbeddings(loaded.eval())


def _model_options(backend: Backend, threads: int) -> dict[str, Any]:
    match backend:
        case Backend.TORCH:
            return {}
        case Backend.OPENVINO:
            return {
                "ov_config": {
                    "INFERENCE_NUM_THREADS": str(threads),
                    "NUM_STREAMS": "1",
                    "PERFORMANCE_HINT": "LATENCY",
                }
            }
