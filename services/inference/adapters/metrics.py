"""Metrics of calls to models, under OpenTelemetry's GenAI names in Prometheus' spelling, else under vLLM's."""

import time
from collections.abc import Callable
from functools import lru_cache

from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

from services.inference.domain.calls import ModelCall
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


def count_takeover(call: ModelCall, how: str) -> None:
    """Somebody else serves the request than was meant to."""
    _TAKEOVERS.labels(call.model, how).inc()


class CallMeter:
    """Watches one call and writes its metrics and span attributes when it ends."""

    def __init__(self, call: ModelCall) -> None:
        self._call = call
        self._arrived = time.perf_counter()
        self._queued_s: float | None = None
        self._spec: ModelSpec | None = None
        self._level: tuple[str, ServiceLevel] | None = None
        self._first_chunk: float | None = None
        self._chunks = 0
        self._usage_chunk = b""
        self._usage: TokenUsage | None = None
        self._before: TokenUsage | None = None

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

    def goes_on(self, prompt: int, sent: int) -> None:
        """Another replica continues after so many tokens."""
        self._before = TokenUsage(prompt, sent)
        self._usage_chunk = b""

    def end(self, error_type: str = "") -> None:
        """Write everything down."""
        ended = time.perf_counter()
        usage = self._all_usage()
        operation, model = self._call.operation.label, self._call.model
        _histogram(_DURATION, operation, model, error_type).observe(ended - self._arrived)
        if self._queued_s is not None:
            _histogram(_QUEUE_TIME, model).observe(self._queued_s)
        if self._first_chunk is not None:
            self._write_latency(ended, usage, is_whole=not error_type)
        elif self._level is not None and error_type not in {"", "client_left"} and self._call.streams:
            _counter(_SLO, model, self._level[0], "false").inc()
        if usage is not None:
            self._write_usage(usage)

    def _write_latency(self, ended: float, usage: TokenUsage | None, *, is_whole: bool) -> None:
        assert self._first_chunk is not None  # noqa: S101 - as the caller saw
        operation, model = self._call.operation.label, self._call.model
        ttft_s = self._first_chunk - self._arrived
        _histogram(_TIME_TO_FIRST_TOKEN, operation, model).observe(ttft_s)
        later = (usage.output if usage else self._chunks) - 1
        itl_s = (ended - self._first_chunk) / later if later > 0 else 0.0
        if later > 0:
            _histogram(_TIME_PER_OUTPUT_TOKEN, operation, model).observe(itl_s)
        if self._level is not None:
            name, level = self._level
            met = is_whole and ttft_s * 1000 <= level.ttft_ms and itl_s * 1000 <= level.itl_ms
            _counter(_SLO, model, name, "true" if met else "false").inc()

    def _all_usage(self) -> TokenUsage | None:
        usage = self._usage or usage_in_events(self._usage_chunk)
        if self._before is None:
            return usage
        return TokenUsage(self._before.input, self._before.output + (usage.output if usage else 0))

    def _write_usage(self, usage: TokenUsage) -> None:
        operation, model = self._call.operation.label, self._call.model
        _histogram(_TOKENS, operation, model, "input").observe(usage.input)
        _histogram(_TOKENS, operation, model, "output").observe(usage.output)
        if usage.cached:
            _counter(_CACHED, model).inc(usage.cached)
        spec = self._spec
        if spec is not None and (spec.price_in or spec.price_out):
            cost = (usage.input * spec.price_in + usage.output * spec.price_out) / 1_000_000
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
