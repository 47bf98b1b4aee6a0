"""An outside system that tells its changes page by page, and a connector for it as anybody could write one."""

import json
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from services.shared.components.connectors.sdk import (
    Checkpoint,
    Connector,
    ConnectorConfig,
    ConnectorError,
    Delete,
    Deletes,
    Failure,
    SyncEvent,
    SyncTraits,
    Upsert,
    found,
)

_WAIT_S = 60


class PagedConfig(ConnectorConfig):
    """Where the system is."""

    url: str


class PagedConnector(Connector[PagedConfig]):
    """Follows the changes of the system."""

    @property
    def sync_traits(self) -> SyncTraits:
        """It reports what goes."""
        return SyncTraits(deletes=Deletes.REPORTED)

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:
        """A page of changes, and a checkpoint, until there are no more."""
        while True:
            page = found(await self.http.get(self.config.url, params={"after": cursor or "0"})).json()
            match page:
                case {"changes": list(changes), "next": next_cursor}:
                    for each in changes:
                        yield _event(each)
                case _:
                    raise ConnectorError("invalid_answer", "The system answered with no page.")
            if next_cursor is None:
                return
            cursor = str(next_cursor)
            yield Checkpoint(cursor)


def _event(change: dict[str, str]) -> SyncEvent:
    key = change["key"]
    if "error" in change:
        return Failure(key, "locked", change["error"])
    if "text" not in change:
        return Delete(key)
    return Upsert(key, title=f"Note {key}", source=key, content=change["text"].encode())


@dataclass
class PagedSystem:
    """The system: pages of changes. A page may be broken, or held back until it is released."""

    pages: list[list[dict[str, str]]] = field(default_factory=list[list[dict[str, str]]])
    asked: list[int] = field(default_factory=list[int])
    broken: set[int] = field(default_factory=set[int])
    held: dict[int, threading.Event] = field(default_factory=dict[int, threading.Event])
    url: str = ""

    def answer(self, after: int) -> tuple[int, object]:
        """The status and the page after so many."""
        self.asked.append(after)
        if after in self.held:
            self.held[after].wait(_WAIT_S)
        if after in self.broken:
            return 500, {}
        if after >= len(self.pages):
            return 200, {"changes": [], "next": None}
        return 200, {"changes": self.pages[after], "next": after + 1}


@contextmanager
def paged_system() -> Generator[PagedSystem]:
    """The system on loopback."""
    system = PagedSystem()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            after = int(parse_qs(urlsplit(self.path).query)["after"][0])
            status, page = system.answer(after)
            body = json.dumps(page).encode()
            try:
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # whoever asked was killed

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    with _running(Handler) as address:
        system.url = f"{address}/changes"
        yield system


@contextmanager
def serving(folder: Path) -> Generator[str]:
    """The files of a folder, over HTTP."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    with _running(partial(Handler, directory=str(folder))) as address:
        yield address


@contextmanager
def _running(handler: Callable[..., BaseHTTPRequestHandler]) -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
