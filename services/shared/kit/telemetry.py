"""Logs, traces and metrics, set up once per process.

Logs are one JSON object a line with the request id and trace id; never payloads, never secrets. Traces go
to an OTLP endpoint when `OTEL_EXPORTER_OTLP_ENDPOINT` is set, else nowhere. Metrics are read from `/metrics`.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import cast

import orjson
import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Histogram
from structlog.typing import FilteringBoundLogger, Processor

from services.shared.kit.context import request_id
from services.shared.kit.settings import PlatformSettings

REQUEST_SECONDS = Histogram(
    "http_server_request_duration_seconds",
    "Time to serve a request, to the last byte of its answer.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
"""OpenTelemetry's `http.server.request.duration` under Prometheus naming."""

tracer = trace.get_tracer("ragworks")


def configure_telemetry(settings: PlatformSettings) -> None:
    """Set up logging and tracing for this process; call it once, at start."""
    _configure_logs(settings)
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        provider = TracerProvider(resource=Resource.create({"service.name": f"ragworks-{settings.SERVICE}"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=1000))
        trace.set_tracer_provider(provider)


def get_logger(name: str) -> FilteringBoundLogger:
    """A structured logger: `log.info("chunks_indexed", count=12)`."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def _configure_logs(settings: PlatformSettings) -> None:
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request,
        structlog.processors.format_exc_info,
    ]
    as_json = settings.log_format == "json"
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[_service_name(settings.SERVICE), *shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    # Libraries that log the standard way end in the same stream, quieter than our own events.
    logging.basicConfig(
        level=max(level, logging.WARNING),
        stream=sys.stdout,
        format='{"level": "%(levelname)s", "logger": "%(name)s", "event": %(message)r}',
    )


def _service_name(service: str) -> Processor:
    def add(_: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        event["service"] = service
        return event

    return add


def _add_request(_: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    current = request_id.get()
    if current is not None:
        event["request_id"] = current
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = trace.format_trace_id(span.trace_id)
    return event


def _to_json(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()
