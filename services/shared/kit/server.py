"""Runs a service's app on its own port, with the settings every service shares."""

import asyncio
import errno
import gc
import socket
import sys

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.shared.kit.settings import PlatformSettings
from services.shared.kit.telemetry import get_logger

EXIT_PORT_TAKEN = 75
"""Exit status when another process listens on the port (EX_TEMPFAIL of sysexits.h)."""

_GRACE_S = 10
_KEEP_ALIVE_S = 75  # longer than our clients keep idle connections, so that they never meet a closing one
_HEADERS_WITHIN_S = 15
_BACKLOG = 2048
_log = get_logger("server")


def serve(app: ASGIApp, settings: PlatformSettings) -> None:
    """Serve until SIGTERM or SIGINT; running requests get ten seconds to end.

    Raises:
        SystemExit: the port is taken (EXIT_PORT_TAKEN); the log says which.
    """
    listener = _listen(settings)
    config = uvicorn.Config(
        app,
        http=_ImpatientProtocol,
        ws="none",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # else any local process could say who it speaks for
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    gc.collect()
    gc.freeze()  # what is loaded by now stays: no later collection has to look through it
    uvicorn.Server(config).run(sockets=[listener])


class _ImpatientProtocol(HttpToolsProtocol):
    """Closes connections that open a request and do not finish its headers: uvicorn itself waits for ever."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._start_clock()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._deadline is None:
            self._start_clock()

    def on_headers_complete(self) -> None:
        self._stop_clock()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def _start_clock(self) -> None:
        self._deadline = self.loop.call_later(_HEADERS_WITHIN_S, self.transport.close)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _listen(settings: PlatformSettings) -> socket.socket:
    host, port = settings.bind_host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        _log.error(
            "port_taken",
            address=f"{host}:{port}",
            advice=f"Stop the process that listens there, or set RAGWORKS_{settings.SERVICE.upper()}_URL.",
        )
        sys.exit(EXIT_PORT_TAKEN)
