"""Dense embeddings computed in this process by OpenVINO alone.

The folder is one of sentence-transformers with an OpenVINO export in it. Its tokenizer, network and pooling are run
here without PyTorch and Transformers, which take ten times as long to load and three times the memory.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from tokenizers import Tokenizer

from services.shared.components.embedders.batching import EmbeddedBatch
from services.shared.components.embedders.local import LocalEmbeddings
from services.shared.components.embedders.model_folder import read_model_folder

_NETWORK = Path("openvino", "openvino_model.xml")
_PRECISION = "f32"
"""By itself OpenVINO computes in bf16 where the processor can, and one text gets another vector on another machine."""
_SHAPES_KEPT = 128
"""What OpenVINO prepares for a shape of input it keeps, for 5,000 of them by itself: gigabytes of an int8 network."""
_PAD_TO = 8
"""Tokens; a text is padded to a multiple, so that fewer shapes come up: about 3 % more tokens, in less time."""

_Pooling = Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.float32]]


class OpenVinoEmbeddings(LocalEmbeddings):
    """A transformer with a pooling of its last layer, as most embedding models are.

    Args:
        folder: of sentence-transformers, with `openvino/openvino_model.xml`.
        threads: processor threads of one pass.

    Raises:
        ValueError: the folder holds another kind of model; PyTorch may be able to run it.
        OSError: a file is missing or cannot be read.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._pooling, self._window_tokens = _described(folder)
        self._tokenizer = _tokenizer_of(folder, self._window_tokens)
        options = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _PRECISION,
            "CPU_RUNTIME_CACHE_CAPACITY": _SHAPES_KEPT,
        }
        network = openvino.Core().compile_model(folder / _NETWORK, "CPU", options)
        self._inputs = [entry.get_any_name() for entry in network.inputs]
        self._dimensions: int = network.output(0).partial_shape[-1].get_length()
        self._request = network.create_infer_request()

    @property
    def window_tokens(self) -> int:
        """Tokens of a text that count; the rest is cut off."""
        return self._window_tokens

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._dimensions

    def embed_batch(self, texts: Sequence[str]) -> EmbeddedBatch:
        """The vectors of the texts, computed in one pass of the network and padded to the longest of them."""
        encoded = self._tokenizer.encode_batch_fast(list(texts))
        mask = np.array([text.attention_mask for text in encoded], dtype=np.int64)
        features = {
            "input_ids": np.array([text.ids for text in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        inputs: dict[Any, Any] = {name: features[name] for name in self._inputs}
        # The result lies in the network's own memory until the next pass; the pooling reads it before.
        hidden = self._request.infer(inputs, share_inputs=True, share_outputs=True)[0]
        vectors = self._pooling(hidden, mask)
        return EmbeddedBatch(vectors=vectors / _lengths(vectors), tokens=int(mask.sum()))


def is_openvino_folder(folder: Path) -> bool:
    """Whether `OpenVinoEmbeddings` can run what lies there."""
    if not (folder / _NETWORK).is_file():
        return False
    try:
        _described(folder)
    except (OSError, ValueError):
        return False
    return True


def _mean(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    weights = mask.astype(np.float32)[:, None, :]
    return (weights @ hidden)[:, 0] / weights.sum(axis=2)


def _first(hidden: NDArray[np.float32], _mask: NDArray[np.int64]) -> NDArray[np.float32]:
    return hidden[:, 0].copy()


_POOLINGS: dict[str, _Pooling] = {"mean": _mean, "cls": _first}


def _described(folder: Path) -> tuple[_Pooling, int]:
    """How the model pools, and the tokens of its window."""
    described = read_model_folder(folder)
    match described.modes:
        case [mode] if mode in _POOLINGS:
            return _POOLINGS[mode], described.window_tokens
        case modes:
            known = " or ".join(_POOLINGS)
            raise ValueError(f"{folder} pools by {' and '.join(modes)}; OpenVINO is run with {known}.")


def _tokenizer_of(folder: Path, window_tokens: int) -> Tokenizer:
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing.")
    tokenizer = Tokenizer.from_file(str(path))
    padding = tokenizer.padding or {}
    tokenizer.enable_truncation(window_tokens)
    tokenizer.enable_padding(
        pad_id=padding.get("pad_id", 0),
        pad_token=padding.get("pad_token", "[PAD]"),
        pad_to_multiple_of=None if window_tokens % _PAD_TO else _PAD_TO,
    )
    return tokenizer


def _lengths(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
