"""Which rerankers there are, by the first word of their setting; each is loaded only when it is chosen."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from services.shared.components.rerankers.protocol import Reranker

_HERE = "services.shared.components.rerankers"

RERANKERS: Mapping[str, str] = {"cross-encoder": f"{_HERE}.cross_encoder:CrossEncoderReranker"}
"""Kind to `module:Class`; the class takes the model's id or folder, and the number of threads."""


def load_reranker(kind: str, model: str, *, threads: int) -> Reranker:
    """The loaded model.

    Raises:
        ValueError: there is no such kind, or the model is no reranker.
        OSError: the model is not there, or its files cannot be read.
    """
    if kind not in RERANKERS:
        raise ValueError(f"'{kind}' is no kind of reranker; there are: {', '.join(RERANKERS)}.")
    module, _, name = RERANKERS[kind].partition(":")
    return cast("Reranker", getattr(import_module(module), name)(model, threads=threads))
