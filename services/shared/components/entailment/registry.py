"""Which entailment models there are, by the first word of their setting; each is loaded only when it is chosen."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from services.shared.components.entailment.protocol import Entailment

_HERE = "services.shared.components.entailment"

ENTAILMENT: Mapping[str, str] = {"cross-encoder": f"{_HERE}.cross_encoder:CrossEncoderEntailment"}
"""Kind to `module:Class`; the class takes the model's id or folder."""


def entailment_model(setting: str) -> Entailment | None:
    """The model of a setting such as `cross-encoder:cross-encoder/nli-deberta-v3-small`; None for an empty one.

    Raises:
        ValueError: there is no such kind, or no model is named.
    """
    if not setting:
        return None
    kind, _, model = setting.partition(":")
    if kind not in ENTAILMENT or not model:
        raise ValueError(
            f"'{setting}' names no entailment model; write one of {', '.join(ENTAILMENT)}, ':' and its id."
        )
    module, _, name = ENTAILMENT[kind].partition(":")
    return cast("Entailment", getattr(import_module(module), name)(model))
