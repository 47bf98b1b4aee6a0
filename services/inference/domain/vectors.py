"""What a vector must be before the platform stores it or searches with it."""

import base64
import math
import sys
from array import array
from collections.abc import Sequence

from services.inference.errors import EmbeddingEndpointError, EmbeddingEndpointSetupError

_UNIT = 1e-3  # how far from 1 a length may be that counts as normalised: servers round to 16 bits


class VectorCheck:
    """Takes vectors of one length only, and makes each of unit length."""

    def __init__(self, endpoint: str, dimensions: int) -> None:
        """`dimensions` 0: the first vector says how long they are."""
        self._endpoint = endpoint
        self._dimensions = dimensions

    def unit(self, vector: Sequence[float]) -> "array[float]":
        """The vector at unit length.

        Raises:
            EmbeddingEndpointSetupError: it has another length than those before it, or than the settings say.
            EmbeddingEndpointError: it holds something that is not a finite number, or only zeros.
        """
        self._dimensions = self._dimensions or len(vector)
        if len(vector) != self._dimensions:
            raise EmbeddingEndpointSetupError(
                f"{self._endpoint} returned a vector of {len(vector)} numbers where {self._dimensions} are expected: "
                "another model answers there, or RAGWORKS_EMBEDDING_ENDPOINT_DIMENSIONS is wrong.",
                code="embedding_dimensions",
            )
        length = math.hypot(*vector)
        if not math.isfinite(length) or length == 0:
            raise EmbeddingEndpointError(f"{self._endpoint} returned a vector without a direction (length {length:g}).")
        if abs(length - 1) <= _UNIT:
            return array("f", vector)
        return array("f", [number / length for number in vector])


def as_base64(vector: "array[float]") -> str:
    """OpenAI's base64 form: little-endian 32-bit floats."""
    if sys.byteorder == "big":
        vector = array("f", vector)
        vector.byteswap()
    return base64.b64encode(vector.tobytes()).decode("ascii")
