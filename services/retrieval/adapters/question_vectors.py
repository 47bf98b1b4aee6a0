"""Vectors of questions, the last ones remembered: asked again, explained, or put to several collections.

A vector depends on model and text alone, so nothing that is ingested or deleted makes a remembered one wrong. What was
asked is not kept, only a digest of it.
"""

import hashlib
from array import array
from collections import OrderedDict

from prometheus_client import Counter

from services.shared.components.embedders.inference import InferenceEmbedder

_LOOKED_UP = Counter("ragworks_retrieval_question_vectors", "Questions whose vectors were needed.", ["from"])


class QuestionVectors:
    """Embeds questions."""

    def __init__(self, embedder: InferenceEmbedder, *, remembered: int) -> None:
        """`remembered`: how many vectors are kept, those of the questions asked last."""
        self._embedder = embedder
        self._most = remembered
        self._known: OrderedDict[bytes, array[float]] = OrderedDict()

    async def of(self, query: str, *, model: str, anew: bool = False) -> list[float]:
        """The question's vector; `anew`: not from memory.

        Raises:
            NotFoundError: the model is not served.
            PlatformError: a part that embedding needs is not up.
        """
        key = hashlib.sha256(f"{model}\n{query}".encode()).digest()
        known = None if anew else self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            _LOOKED_UP.labels("memory").inc()
            return known.tolist()
        vector = await self._embedder.of(model).embed_query(query)
        _LOOKED_UP.labels("model").inc()
        if self._most:
            self._known[key] = array("f", vector)
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return vector
