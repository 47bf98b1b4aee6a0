"""Writes vectors down as OpenAI's API does."""

import base64

import numpy as np
from numpy.typing import NDArray

from services.embedding.domain.requests import Encoding


def embedding_list(vectors: NDArray[np.float32], *, model: str, tokens: int, encoding: Encoding) -> dict[str, object]:
    """The body of an answer; base64 holds little-endian 32-bit floats."""
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": _written(vector, encoding)}
            for index, vector in enumerate(vectors)
        ],
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _written(vector: NDArray[np.float32], encoding: Encoding) -> str | list[float]:
    if encoding is Encoding.BASE64:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    return vector.tolist()
