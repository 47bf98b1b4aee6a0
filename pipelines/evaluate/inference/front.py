"""Which operating points are worth choosing."""

from collections.abc import Sequence

from services.shared.contracts.frontier import OperatingPoint


def with_front(points: Sequence[OperatingPoint]) -> list[OperatingPoint]:
    """The points, each marked whether no other dominates it; by concurrency."""
    ordered = sorted(points, key=lambda each: each.concurrency)
    return [point.model_copy(update={"on_front": not _is_dominated(point, ordered)}) for point in ordered]


def best_of(points: Sequence[OperatingPoint]) -> int | None:
    """The concurrency with the most tokens of those that meet the targets; the smaller where two are within 2 %."""
    good = [point for point in points if point.meets_slo]
    if not good:
        return None
    most = max(point.tokens_per_s for point in good)
    return min(point.concurrency for point in good if point.tokens_per_s >= 0.98 * most)


def _is_dominated(point: OperatingPoint, points: Sequence[OperatingPoint]) -> bool:
    mine = (point.tokens_per_s_user, point.tokens_per_s_unit)
    others = ((each.tokens_per_s_user, each.tokens_per_s_unit) for each in points)
    return any(theirs != mine and theirs[0] >= mine[0] and theirs[1] >= mine[1] for theirs in others)
