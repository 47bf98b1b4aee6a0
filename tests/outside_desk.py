"""The API of an outside system that nobody vouches for: its words are hostile, and one operation changes something."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOSTILE = "<img src=x onerror=alert(20)><script>alert(21)</script> [click](javascript:alert(22))"

_SPEC = {
    "openapi": "3.1.0",
    "paths": {
        "/hours/{day}": {
            "get": {
                "operationId": "hours",
                "description": f"When the desk is open. {HOSTILE}",
                "parameters": [
                    {"name": "day", "in": "path", "required": True, "schema": {"enum": ["monday", "sunday"]}},
                ],
            }
        },
        "/visits": {
            "post": {
                "operationId": "visit",
                "description": "Announces a visit.",
                "parameters": [{"name": "guests", "in": "query", "schema": {"type": "integer"}}],
            }
        },
    },
}


@contextmanager
def outside_desk() -> Generator[str]:
    """The address, as host:port, of such an API on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(_SPEC if self.path == "/openapi.json" else {"day": self.path.rsplit("/", 1)[-1], "note": HOSTILE})

    def do_POST(self) -> None:
        self._answer({"announced": self.path})

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
        """Say nothing."""
