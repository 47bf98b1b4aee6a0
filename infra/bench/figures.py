"""What a measurement gives: named figures with their unit, some with a target, in sections."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of a table: `value` for a single measurement, `p50` and `p95` for a distribution."""

    name: str
    unit: str
    value: float | None = None
    p50: float | None = None
    p95: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Section:
    """Figures that belong together, with what a reader must know of how they came about."""

    title: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list[str])


def distribution(name: str, unit: str, values: Sequence[float]) -> Figure:
    """The median and the 95th percentile of the values."""
    return Figure(name, unit, p50=percentile(values, 50), p95=percentile(values, 95))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("There is no percentile of no values.")
    rank = math.ceil(percent / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]
