"""A collector of traces: the OTLP/HTTP endpoint that services export to, keeping the spans it was sent."""

import gzip
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class ReceivedSpan:
    """What a test wants to know of a span."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str


@dataclass
class Collector:
    """The spans received so far."""

    url: str
    spans: list[ReceivedSpan] = field(default_factory=list[ReceivedSpan])

    def services_of(self, trace_id: str) -> set[str]:
        """The services that took part in a trace."""
        return {span.service for span in list(self.spans) if span.trace_id == trace_id}

    def names_of(self, trace_id: str) -> set[str]:
        """The names of a trace's spans."""
        return {span.name for span in list(self.spans) if span.trace_id == trace_id}


@contextmanager
def collector() -> Generator[Collector]:
    """A running collector on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    received = Collector(url=f"http://127.0.0.1:{server.server_port}")
    server.received = received  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        received: Collector = self.server.received  # type: ignore[attr-defined]
        received.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls it by
        """Nothing: a test's output is its own."""


def _spans(request: ExportTraceServiceRequest) -> Generator[ReceivedSpan]:
    for resource in request.resource_spans:
        attributes = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield ReceivedSpan(
                    service=attributes.get("service.name", ""),
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                )
