"""Metrics of calls to models, under OpenTelemetry's GenAI names in Prometheus' spelling, else under vLLM's."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

from services.inference.domain.calls import ModelCall
from services.inference.domain.figures import CallFigures
from services.inference.domain.models import ModelSpec, ServiceLevel
from services.inference.domain.usage import TokenUsage, mentions_usage, usage_in_events

_LABELS = ("gen_ai_operation_name", "gen_ai_request_model")

# Buckets as OpenTelemetry's semantic conventions for generative AI advise them.
_TIME_TO_FIRST_TOKEN = Histogram(
    "gen_ai_server_time_to_first_token_seconds",
    "From a streamed request to the first chunk of its answer, its wait in the queue included.",
    _LABELS,
    buckets=(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60),
)
_TIME_PER_OUTPUT_TOKEN = Histogram(
    "gen_ai_server_time_per_output_token_seconds",
    "Time per output token after the first of a streamed answer; chunks count where no usage is sent.",
    _LABELS,
    buckets=(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5),
)
_DURATION = Histogram(
    "gen_ai_server_request_duration_seconds",
    "From a request to the last byte of its answer, its wait in the queue included.",
    (*_LABELS, "error_type"),
    buckets=(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84),
)
_TOKENS = Histogram(
    "gen_ai_client_token_usage",
    "Tokens per request, as far as the model server reports them; the sum is the total.",
    (*_LABELS, "gen_ai_token_type"),
    buckets=(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144),
)
_CACHED = Counter(
    "vllm:prefix_cache_hits",
    "Tokens of prompts that were in a replica's prefix cache, as far as it reports them.",
    ["model_name"],
)
_QUEUE_TIME = Histogram(
    "vllm:request_queue_time_seconds",
    "Time that requests waited here for a place at a replica.",
    ["model_name"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
_RUNNING = Gauge("vllm:num_requests_running", "Requests that are at a replica.", ["model_name"])
_WAITING = Gauge("vllm:num_requests_waiting", "Requests that wait here for a place at a replica.", ["model_name"])
_COST = Counter("ragworks_model_cost", "What the tokens cost, by the prices of the catalogue.", ["model_name"])
_SLO = Counter(
    "ragworks_slo_requests",
    'Streamed requests by whether they met every target of their class; the rate of met="true" is the goodput.',
    ["model_name", "slo_class", "met"],
)
_TAKEOVERS = Counter(
    "ragworks_takeovers",
    "Requests that another replica (retried, resumed) or model (fallback, overflow) took over.",
    ["model_name", "how"],
)


def show_load(model: str, *, running: Callable[[], float], waiting: Callable[[], float]) -> None:
    """Let the gauges of a model ask for their values when they are read."""
    _RUNNING.labels(model).set_function(running)
    _WAITING.labels(model).set_function(waiting)


class CallMeter:
    """Watches one call; writes its metrics and span attributes when it ends, and says what it took."""

    def __init__(self, call: ModelCall) -> None:
        self._call = call
        self._arrived = time.perf_counter()
        self._started_at = time.time()
        self._queued_s: float | None = None
        self._spec: ModelSpec | None = None
        self._level: tuple[str, ServiceLevel] | None = None
        self._first_chunk: float | None = None
        self._chunks = 0
        self._usage_chunk = b""
        self._usage: TokenUsage | None = None
        self._before: TokenUsage | None = None
        self.takeovers = 0

    def admitted(self, spec: ModelSpec, level: tuple[str, ServiceLevel] | None) -> None:
        """The wait for a place is over; the model and the class are known."""
        self._queued_s = time.perf_counter() - self._arrived if spec.concurrency else None
        self._spec = spec
        self._level = level

    def saw_chunk(self, chunk: bytes) -> None:
        """Count a chunk of a streamed answer."""
        if self._first_chunk is None:
            self._first_chunk = time.perf_counter()
        self._chunks += chunk.count(b"data: ")
        if mentions_usage(chunk):
            self._usage_chunk = chunk

    def saw_usage(self, usage: TokenUsage | None) -> None:
        """Note the tokens of an answer that came whole."""
        self._usage = usage

    def taken_over(self, how: str) -> None:
        """Somebody else serves the request than was meant to."""
        self.takeovers += 1
        _TAKEOVERS.labels(self._call.model, how).inc()

    def goes_on(self, prompt: int, sent: int) -> None:
        """Another replica continues after so many tokens."""
        self._before = TokenUsage(prompt, sent)
        self._usage_chunk = b""

    def end(self, error_type: str = "") -> CallFigures:
        """Write everything down; error_type is empty when the call ended well."""
        figures = self._figures(error_type)
        operation, model = self._call.operation.label, self._call.model
        _histogram(_DURATION, operation, model, error_type).observe(figures.e2e_s)
        if figures.queue_s is not None:
            _histogram(_QUEUE_TIME, model).observe(figures.queue_s)
        if figures.ttft_s is not None:
            _histogram(_TIME_TO_FIRST_TOKEN, operation, model).observe(figures.ttft_s)
        if figures.itl_s is not None:
            _histogram(_TIME_PER_OUTPUT_TOKEN, operation, model).observe(figures.itl_s)
        if self._call.streams and figures.slo_class is not None and figures.met_slo is not None:
            _counter(_SLO, model, figures.slo_class, "true" if figures.met_slo else "false").inc()
        if figures.usage is not None:
            self._write_usage(figures.usage, figures.cost)
        return figures

    def _figures(self, error_type: str) -> CallFigures:
        e2e_s = time.perf_counter() - self._arrived
        usage = self._all_usage()
        ttft_s = None if self._first_chunk is None else self._first_chunk - self._arrived
        later = (usage.output if usage else self._chunks) - 1
        itl_s = (e2e_s - ttft_s) / later if ttft_s is not None and later > 0 else None
        return CallFigures(
            started_at=datetime.fromtimestamp(self._started_at, UTC),
            e2e_s=e2e_s,
            queue_s=self._queued_s,
            ttft_s=ttft_s,
            itl_s=itl_s,
            usage=usage,
            cost=self._cost(usage),
            served_model=self._spec.name if self._spec else None,
            slo_class=self._level[0] if self._level else None,
            met_slo=self._met_slo(error_type, e2e_s, ttft_s, itl_s),
        )

    def _met_slo(self, error_type: str, e2e_s: float, ttft_s: float | None, itl_s: float | None) -> bool | None:
        if self._level is None or (error_type == "client_left" and ttft_s is None):
            return None
        level = self._level[1]
        if error_type:
            return False
        if ttft_s is None:  # not streamed: the targets allow so much for all of it
            usage = self._all_usage()
            later = max(usage.output - 1, 0) if usage else 0
            return e2e_s * 1000 <= level.ttft_ms + later * level.itl_ms
        return ttft_s * 1000 <= level.ttft_ms and (itl_s or 0.0) * 1000 <= level.itl_ms

    def _all_usage(self) -> TokenUsage | None:
        usage = self._usage or usage_in_events(self._usage_chunk)
        if self._before is None:
            return usage
        return TokenUsage(self._before.input, self._before.output + (usage.output if usage else 0))

    def _cost(self, usage: TokenUsage | None) -> float | None:
        spec = self._spec
        if usage is None or spec is None or not (spec.price_in or spec.price_out):
            return None
        return (usage.input * spec.price_in + usage.output * spec.price_out) / 1_000_000

    def _write_usage(self, usage: TokenUsage, cost: float | None) -> None:
        operation, model = self._call.operation.label, self._call.model
        _histogram(_TOKENS, operation, model, "input").observe(usage.input)
        _histogram(_TOKENS, operation, model, "output").observe(usage.output)
        if usage.cached:
            _counter(_CACHED, model).inc(usage.cached)
        if cost is not None:
            _counter(_COST, model).inc(cost)
        span = trace.get_current_span()
        if span.is_recording():
            span.set_attribute("gen_ai.usage.input_tokens", usage.input)
            span.set_attribute("gen_ai.usage.output_tokens", usage.output)


# Found once: looking for the child of some labels costs more than counting.
@lru_cache(maxsize=4096)
def _histogram(metric: Histogram, *labels: str) -> Histogram:
    return metric.labels(*labels)


@lru_cache(maxsize=4096)
def _counter(metric: Counter, *labels: str) -> Counter:
    return metric.labels(*labels)
