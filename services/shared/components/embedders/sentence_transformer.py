"""Dense embeddings computed in this process by sentence-transformers on PyTorch.

Importing this module loads PyTorch, which takes seconds: only what serves or trains models does.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from services.shared.components.embedders.batching import EmbeddedBatch
from services.shared.components.embedders.local import LocalEmbeddings

_FALLBACK_WINDOW_TOKENS = 512


class SentenceTransformerEmbeddings(LocalEmbeddings):
    """Any model that sentence-transformers reads, on PyTorch."""

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


def load_embeddings(model: str, *, threads: int) -> SentenceTransformerEmbeddings:
    """Load a model from a local folder or, by its id, from the Hugging Face hub.

    Args:
        model: a folder, which is read without any network, or a hub id.
        threads: processor threads of one pass. PyTorch has one such setting for the whole process.

    Raises:
        OSError: the model is not there, or its files cannot be read.
    """
    local = Path(model).is_dir()
    if local:
        os.environ["HF_HUB_OFFLINE"] = "1"
    torch.set_num_threads(threads)
    return SentenceTransformerEmbeddings(SentenceTransformer(model, local_files_only=local).eval())
