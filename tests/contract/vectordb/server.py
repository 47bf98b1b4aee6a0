"""The vector database as a real process, and clients for it."""

import signal
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from qdrant_client import AsyncQdrantClient

from tests.forked import ServiceProcess
from tests.processes import free_port, start_process, stop_process, wait_ready

MODULE = "services.vectordb"
KEY = "a-key-for-tests"
_READY_S = 60
_CLIENT_TIMEOUT_S = 60


@dataclass(frozen=True)
class Endpoint:
    """Something that speaks Qdrant's API."""

    url: str
    key: str | None

    def client(self) -> AsyncQdrantClient:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the key travels over loopback
            return AsyncQdrantClient(
                url=self.url, api_key=self.key, timeout=_CLIENT_TIMEOUT_S, verify=False, check_compatibility=False
            )

    def http(self) -> httpx.AsyncClient:
        """A client for what the Qdrant client cannot say. (Without `verify=False` each one reads all certificates.)"""
        headers = self.headers
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=_CLIENT_TIMEOUT_S, verify=False)  # noqa: S501

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.key is None else {"api-key": self.key}


@dataclass
class Server:
    """Our service on one home folder; it can be killed and started again on the same address."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)
    process: ServiceProcess | None = None

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"http://127.0.0.1:{self.port}", KEY)

    def start(self) -> None:
        self.process = start_process(MODULE, self.environment())
        wait_ready(f"{self.endpoint.url}/readyz", _READY_S, process=self.process)

    def kill(self) -> None:
        """`kill -9`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            stop_process(self.process)

    def environment(self) -> dict[str, str]:
        return {
            "RAGWORKS_HOME": str(self.home),
            "RAGWORKS_VECTORDB_URL": self.endpoint.url,
            "RAGWORKS_VECTORDB_KEY": KEY,
            **self.settings,
        }


@contextmanager
def running_server(home: Path, settings: Mapping[str, str] | None = None) -> Generator[Server]:
    """Our service while the block runs."""
    server = Server(home, settings or {})
    try:
        server.start()
        yield server
    finally:
        server.stop()
