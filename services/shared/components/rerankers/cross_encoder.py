"""A cross-encoder in this process, as bge-reranker or mxbai-rerank; importing it loads PyTorch, which takes seconds."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder

_BATCH_PAIRS = 16


class CrossEncoderReranker:
    """Any model that sentence-transformers' `CrossEncoder` reads and that gives a pair one score, or a no and a yes."""

    def __init__(self, model: str, *, threads: int) -> None:
        """Loads the model from a local folder, which takes no network, or by its id from the Hugging Face hub.

        Raises:
            ValueError: it has more than two labels, or is no model that the library knows.
            OSError: it is not there, or its files cannot be read.
        """
        local = Path(model).is_dir()
        if local:
            os.environ["HF_HUB_OFFLINE"] = "1"
        torch.set_num_threads(threads)
        self._model = CrossEncoder(model, local_files_only=local)
        self._judged(model, [("is it one?", "it is one")])

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Probabilities: models disagree on whether they apply a sigmoid themselves, so their logits are taken."""
        return self._judged("the model", [(query, text) for text in texts]).tolist() if texts else []

    def _judged(self, name: str, pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
        logits = self._model.predict(
            pairs, batch_size=_BATCH_PAIRS, activation_fn=torch.nn.Identity(), show_progress_bar=False
        )
        values = np.asarray(logits, dtype=np.float64)
        if values.ndim == 1 or values.shape[1] == 1:
            return _sigmoid(values.reshape(len(pairs)))
        if values.shape[1] == 2:  # no and yes: the softmax of two is a sigmoid of their difference
            return _sigmoid(values[:, 1] - values[:, 0])
        raise ValueError(f"{name} is no reranker: it has {values.shape[1]} labels, a reranker has one or two.")


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.5 * (1.0 + np.tanh(logits / 2))
