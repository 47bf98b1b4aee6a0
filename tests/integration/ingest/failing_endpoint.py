"""A remote embedding endpoint as others run them, failing on demand; its vectors: `hashing_inference`."""

import base64
import json
import threading
from array import array
from collections import Counter, deque
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integration.ingest.hashing_inference import vector
from tests.processes import free_port

KEY = "sk-the-key-of-the-endpoint"
BREAK = -1
"""In place of a status: the connection breaks after half an answer."""


class FailingEndpoint(ThreadingHTTPServer):
    """Speaks OpenAI's `/v1/embeddings` and TEI's `/embed`; answers with `faults`, one each, before all else."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), _Handler)
        self.faults: deque[int] = deque()
        self.answered: Counter[int] = Counter()
        self.texts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def failing_endpoint() -> Generator[FailingEndpoint]:
    """The endpoint while the block runs."""
    with FailingEndpoint() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def floats(text: str) -> list[float]:
    """The vector of a text."""
    return array("f", base64.b64decode(vector(text))).tolist()


class _Handler(BaseHTTPRequestHandler):
    server: FailingEndpoint  # type: ignore[assignment]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status = self.server.faults.popleft() if self.server.faults else 200
        if self.headers["authorization"] != f"Bearer {KEY}":
            status = 401
        self.server.answered[status] += 1
        if status == BREAK:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[[0.1,")
            self.close_connection = True
        elif status == 200:
            self._answer(200, self._embedded(body))
        else:
            self._answer(status, {"error": {"message": "not now", "type": "overloaded"}})

    def _embedded(self, body: dict[str, Any]) -> object:
        texts: list[str] = body["inputs"] if self.path == "/embed" else body["input"]
        self.server.texts += len(texts)
        if self.path == "/embed":
            return [floats(text) for text in texts]
        items = [{"index": i, "embedding": floats(text)} for i, text in enumerate(texts)]
        return {"data": items[::-1], "usage": {"prompt_tokens": len(texts)}}

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        if status == 429:
            self.send_header("retry-after", "1")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
        pass
