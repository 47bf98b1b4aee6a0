"""The sparse vector: what a sparse embedder makes and an index stores."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SparseVector:
    """Weights of the terms that occur; `indices` are unique term numbers, as many as `values`."""

    indices: Sequence[int]
    values: Sequence[float]
