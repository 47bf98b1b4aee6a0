"""How sure a mean is, and a difference: bootstrap intervals and a paired randomisation test, with a fixed seed.

Source: Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval
Evaluation", CIKM 2007.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from services.shared.contracts.evaluation import Difference, Estimate

_RESAMPLES = 5_000
_PERMUTATIONS = 10_000
_AT_ONCE = 500
_SEED = 20_260_101
_TAILS = (2.5, 97.5)
_TIE = 1e-9

_Floats = npt.NDArray[np.float64]


def estimate(scores: Mapping[str, float]) -> Estimate:
    """The mean over questions with its 95 % bootstrap interval."""
    values = np.array(list(scores.values()))
    low, high = _interval(values)
    return Estimate(value=round(float(values.mean()), 5), low=low, high=high)


def difference(scores: Mapping[str, float], other: Mapping[str, float]) -> Difference:
    """What these scores are more than the other's, of the same questions."""
    gains = np.array([score - other[question] for question, score in scores.items()])
    low, high = _interval(gains)
    return Difference(
        value=round(float(gains.mean()), 5),
        low=low,
        high=high,
        p=round(_chance(gains), 5),
        better=int((gains > _TIE).sum()),
        worse=int((gains < -_TIE).sum()),
    )


def _interval(values: _Floats) -> tuple[float, float]:
    generator = np.random.default_rng(_SEED)
    means = [
        values[generator.integers(0, len(values), size=(_AT_ONCE, len(values)))].mean(axis=1)
        for _ in range(_RESAMPLES // _AT_ONCE)
    ]
    low, high = np.percentile(np.concatenate(means), _TAILS)
    return round(float(low), 5), round(float(high), 5)


def _chance(gains: _Floats) -> float:
    """How often a difference at least this large arises when each question's two scores change places at random."""
    generator = np.random.default_rng(_SEED)
    observed = abs(gains.sum()) - _TIE
    extreme = 0
    for _ in range(_PERMUTATIONS // _AT_ONCE):
        signs = generator.integers(0, 2, size=(_AT_ONCE, len(gains)), dtype=np.int8) * 2.0 - 1.0
        extreme += int((np.abs(signs @ gains) >= observed).sum())
    return (extreme + 1) / (_PERMUTATIONS + 1)
