"""Metrics of calls to models, under OpenTelemetry's GenAI names in Prometheus' spelling."""

import time

from opentelemetry import trace
from prometheus_client import Histogram

from services.inference.domain.calls import ModelCall
from services.inference.domain.usage import TokenUsage, mentions_usage, usage_in_events

_LABELS = ("gen_ai_operation_name", "gen_ai_request_model")

# Buckets as OpenTelemetry's semantic conventions for generative AI advise them.
_TIME_TO_FIRST_TOKEN = Histogram(
    "gen_ai_server_time_to_first_token_seconds",
    "From sending a streamed request to the engine to the first chunk of its answer.",
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
    "From sending a request to a model server to the last byte of its answer.",
    (*_LABELS, "error_type"),
    buckets=(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84),
)
_TOKENS = Histogram(
    "gen_ai_client_token_usage",
    "Tokens per request, as far as the model server reports them; the sum is the total.",
    (*_LABELS, "gen_ai_token_type"),
    buckets=(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144),
)


class CallMeter:
    """Watches one call and writes its metrics and span attributes when it ends."""

    def __init__(self, call: ModelCall) -> None:
        self._labels = (call.operation.label, call.model)
        self._sent = time.perf_counter()
        self._first_chunk: float | None = None
        self._chunks = 0
        self._usage_chunk = b""
        self._usage: TokenUsage | None = None

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

    def end(self, error_type: str = "") -> None:
        """Write everything down."""
        ended = time.perf_counter()
        usage = self._usage or usage_in_events(self._usage_chunk)
        _DURATION.labels(*self._labels, error_type).observe(ended - self._sent)
        if self._first_chunk is not None:
            _TIME_TO_FIRST_TOKEN.labels(*self._labels).observe(self._first_chunk - self._sent)
            later = (usage.output if usage else self._chunks) - 1
            if later > 0:
                _TIME_PER_OUTPUT_TOKEN.labels(*self._labels).observe((ended - self._first_chunk) / later)
        if usage is not None:
            self._write_usage(usage)

    def _write_usage(self, usage: TokenUsage) -> None:
        _TOKENS.labels(*self._labels, "input").observe(usage.input)
        _TOKENS.labels(*self._labels, "output").observe(usage.output)
        span = trace.get_current_span()
        span.set_attribute("gen_ai.usage.input_tokens", usage.input)
        span.set_attribute("gen_ai.usage.output_tokens", usage.output)
