"""A small web site of a test: pages, robots.txt and sitemap, with etags, and a record of what was asked."""

import hashlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """Its pages by path; a status instead of bytes is an error, a text a redirect."""

    pages: dict[str, bytes | int | str] = field(default_factory=dict[str, "bytes | int | str"])
    asked: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    url: str = ""


@contextmanager
def web_site(pages: dict[str, bytes | int | str]) -> Generator[Web]:
    """The site while the block runs."""
    web = Web(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = web.pages.get(self.path, 404)
            etag = hashlib.md5(page, usedforsecurity=False).hexdigest() if isinstance(page, bytes) else ""
            status = page if isinstance(page, int) else 302 if isinstance(page, str) else 200
            if etag and self.headers.get("if-none-match") == f'"{etag}"':
                status = 304
            web.asked.append((self.path, status))
            self.send_response(status)
            if isinstance(page, str):
                self.send_header("location", page)
            body = page if isinstance(page, bytes) and status == 200 else b""
            self.send_header("etag", f'"{etag}"')
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
