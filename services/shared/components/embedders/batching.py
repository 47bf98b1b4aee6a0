"""Batches of texts of similar length, so that little of a batch is padding, and what comes out of one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CHARACTERS_PER_TOKEN = 4  # of English in WordPiece; only the size of batches depends on it


@dataclass(frozen=True)
class EmbeddedBatch:
    """`vectors` is texts x dimensions in float32, rows of unit length; `tokens` were read, padding left out."""

    vectors: NDArray[np.float32]
    tokens: int


def plan_batches(texts: Sequence[str], *, window_tokens: int, batch_tokens: int) -> list[list[int]]:
    """Positions of the texts, batch by batch, longest texts first.

    A batch, padded to its longest text, holds about `batch_tokens` tokens, and one text at least. A text counts
    for no more than `window_tokens`, where the model cuts it.
    """
    costs = [min(window_tokens, len(text) // _CHARACTERS_PER_TOKEN + 2) for text in texts]
    batches: list[list[int]] = []
    room = 0
    for position in sorted(range(len(texts)), key=lambda i: (-costs[i], -len(texts[i]), i)):
        if room < 1:
            batches.append([])
            room = max(1, batch_tokens // costs[position])
        batches[-1].append(position)
        room -= 1
    return batches
