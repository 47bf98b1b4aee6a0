"""What the latest requests to a model took, at one look."""

from collections.abc import Iterable, Sequence
from math import ceil

from services.shared.contracts.fleet import RecentFigures
from services.shared.contracts.requests import Flag, RequestSummary


def recent_figures(requests: Sequence[RequestSummary], *, minutes: int) -> RecentFigures:
    """Counts and percentiles (nearest rank), in milliseconds; null where no request has such a time."""
    times = [each.timings for each in requests]
    ttft = _sorted(each.ttft_ms for each in times)
    itl = _sorted(each.itl_ms for each in times)
    return RecentFigures(
        minutes=minutes,
        requests=len(requests),
        failed=sum(Flag.ERROR in each.flags for each in requests),
        slow=sum(Flag.SLOW in each.flags for each in requests),
        output_tokens=sum(each.usage.completion_tokens for each in requests if each.usage),
        ttft_p50_ms=_percentile(ttft, 0.5),
        ttft_p95_ms=_percentile(ttft, 0.95),
        itl_p50_ms=_percentile(itl, 0.5),
        itl_p95_ms=_percentile(itl, 0.95),
        queue_p95_ms=_percentile(_sorted(each.queue_ms for each in times), 0.95),
    )


def _sorted(times: Iterable[float | None]) -> list[float]:
    return sorted(each for each in times if each is not None)


def _percentile(ascending: Sequence[float], share: float) -> float | None:
    """The smallest value that is not below this share of them."""
    if not ascending:
        return None
    return ascending[ceil(share * len(ascending)) - 1]
