"""What one call took: measured once, for metrics, budgets and the request log."""

from dataclasses import dataclass
from datetime import datetime

from services.inference.domain.usage import TokenUsage


@dataclass(frozen=True)
class CallFigures:
    """Seconds, tokens and cost of a call that has ended; None where there is no such figure."""

    started_at: datetime
    e2e_s: float
    queue_s: float | None = None
    ttft_s: float | None = None
    itl_s: float | None = None
    usage: TokenUsage | None = None
    cost: float | None = None
    served_model: str | None = None
    slo_class: str | None = None
    met_slo: bool | None = None
    """Whether every target of its class was met; None without a class, and when the client left before the end."""
