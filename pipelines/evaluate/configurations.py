"""The ways to search that can be compared, by name: what a search carries beside question and collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.evaluate.failures import EvaluationError

_NAMED: Mapping[str, Mapping[str, str | float]] = {
    "default": {},
    "dense": {"fusion": "dense"},
    "sparse": {"fusion": "sparse"},
    "rrf": {"fusion": "rrf"},
    "weighted": {"fusion": "weighted"},
    "no-phrases": {"fusion": "weighted", "phrase_weight": 0.0},
    "rerank": {"rerank": True},
    "no-rerank": {"rerank": False},
}
_WEIGHTED = "weighted:"


@dataclass(frozen=True)
class Configuration:
    """A way to search."""

    name: str
    request: Mapping[str, str | float]


def configurations(names: Sequence[str]) -> list[Configuration]:
    """The configurations of these names, each once.

    Raises:
        EvaluationError: there is none of a name.
    """
    return [Configuration(name, _request(name)) for name in dict.fromkeys(names)]


def _request(name: str) -> Mapping[str, str | float]:
    if name in _NAMED:
        return _NAMED[name]
    if name.startswith(_WEIGHTED):
        return {"fusion": "weighted", "dense_weight": _share(name)}
    raise EvaluationError(
        f"There is no configuration '{name}'; there are: {', '.join(_NAMED)}, and weighted:SHARE.",
        hint="SHARE is that of the dense scores, as in weighted:0.3.",
    )


def _share(name: str) -> float:
    try:
        share = float(name.removeprefix(_WEIGHTED))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise EvaluationError(f"'{name}': the share of the dense scores is a number from 0 to 1.")
    return share
