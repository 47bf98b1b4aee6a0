"""A cross-encoder for natural language inference, in this process; importing it loads PyTorch, which takes seconds."""

import asyncio

import numpy as np
from sentence_transformers import CrossEncoder

_LABEL = "entailment"


class CrossEncoderEntailment:
    """Any sequence classifier with a label `entailment`, from a hub or a folder."""

    def __init__(self, model: str) -> None:
        """Loads the model.

        Raises:
            ValueError: it has no label of that name.
        """
        self._model = CrossEncoder(model)
        named = getattr(self._model.config, "id2label", None) or {}
        labels = {str(name).lower(): place for place, name in named.items()}
        if _LABEL not in labels:
            raise ValueError(f"{model} is no entailment model: its labels are {', '.join(labels)}, not '{_LABEL}'.")
        self._place = int(labels[_LABEL])
        self._turn = asyncio.Lock()

    async def probability(self, premise: str, claim: str) -> float:
        """0 to 1; pairs are judged one at a time, beside the event loop."""
        async with self._turn:
            return await asyncio.to_thread(self._judge, premise, claim)

    def _judge(self, premise: str, claim: str) -> float:
        scores = self._model.predict(
            [(premise, claim)], activation_fn=None, apply_softmax=True, show_progress_bar=False
        )
        return float(np.asarray(scores)[0][self._place])
