"""How many replicas a load takes, by a measured frontier."""

import math

from services.shared.contracts.frontier import CapacityPlan, FrontierReport


def planned(
    report: FrontierReport, *, requests_per_s: float, output_tokens: int, headroom: float
) -> CapacityPlan | None:
    """Replicas like the measured one for a load; None when no point meets the targets.

    `headroom` is the share of each replica's tokens per second that stays free for bursts.
    """
    best = next((point for point in report.points if point.concurrency == report.best), None)
    if best is None:
        return None
    tokens_per_s = requests_per_s * output_tokens
    replicas = max(1, math.ceil(tokens_per_s / (best.tokens_per_s * (1 - headroom))))
    return CapacityPlan(
        requests_per_s=requests_per_s,
        output_tokens=output_tokens,
        tokens_per_s=tokens_per_s,
        replicas=replicas,
        concurrency=best.concurrency,
        utilisation=tokens_per_s / (replicas * best.tokens_per_s),
        headroom=headroom,
        units=replicas * report.units,
    )
