"""What a model's latest requests took."""

from datetime import UTC, datetime

from services.inference.domain.recent import recent_figures
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.requests import Flag, RequestSummary, RequestTimings, RequestUsage


def _request(ttft_ms: float | None, *flags: Flag) -> RequestSummary:
    return RequestSummary(
        id="req",
        request_id=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        principal=None,
        operation="chat",
        model="m",
        served_model="m",
        replica=None,
        streamed=ttft_ms is not None,
        slo_class=None,
        level=RecordLevel.METADATA,
        finish_reason="stop",
        error_code=None,
        flags=list(flags),
        usage=RequestUsage(prompt_tokens=3, cached_tokens=0, completion_tokens=5) if ttft_ms else None,
        timings=RequestTimings(queue_ms=None, ttft_ms=ttft_ms, itl_ms=None, e2e_ms=100),
        cost=None,
    )


def test_percentiles_are_values_that_were_measured() -> None:
    recent = recent_figures([_request(float(each)) for each in range(1, 101)], minutes=15)

    assert (recent.ttft_p50_ms, recent.ttft_p95_ms) == (50, 95)
    assert recent.output_tokens == 500


def test_of_one_request_every_percentile_is_its_own() -> None:
    recent = recent_figures([_request(7.0)], minutes=15)

    assert (recent.ttft_p50_ms, recent.ttft_p95_ms) == (7, 7)


def test_what_was_not_measured_is_not_made_up() -> None:
    recent = recent_figures([_request(None, Flag.ERROR), _request(None, Flag.SLOW)], minutes=15)

    assert (recent.requests, recent.failed, recent.slow, recent.output_tokens) == (2, 1, 1, 0)
    assert (recent.ttft_p50_ms, recent.itl_p95_ms, recent.queue_p95_ms) == (None, None, None)
