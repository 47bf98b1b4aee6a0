"""The connectors service as a process, before outside systems on loopback."""

import sqlite3
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from services.shared.contracts.principals import OPERATOR
from tests.processes import free_port, free_ports, running, start_command, stop_process, wait_ready
from tests.signed import INTERNAL_KEY, Signed

SECRET_ADDRESS = "shop-of-secrets.sqlite"

_FILE = """
[[connectors]]
name = "shop"
kind = "sql"
allow = ["everyone"]

[connectors.config]
url = "env:SHOP_DATABASE"
free_queries = true
timeout_s = 1

[connectors.config.queries.order_status]
description = "The status of an order."
sql = "SELECT id, status, city FROM orders WHERE id = :order"
parameters = {{order = "string"}}
cache_s = 60

[[connectors.questions]]
tool = "order_status"
ask = "order {{order}}"

[[connectors]]
name = "pages"
kind = "web_page"
allow = ["everyone"]
per_second = 500
timeout_s = 2
costs = {{fetch = 0.4}}

[[connectors]]
name = "ledger"
kind = "sql"
allow = ["everyone"]
collections = ["books"]
config = {{url = "env:SHOP_DATABASE"}}

[[connectors]]
name = "news"
kind = "rss"
config = {{url = "http://127.0.0.1:{outside}/feed"}}
{more}
"""


@dataclass(frozen=True)
class Service:
    """Where it is, and how to ask it."""

    url: str
    home: Path

    def client(self, principal: str = OPERATOR) -> httpx2.AsyncClient:
        """Asks as the gateway does, for a principal."""
        return httpx2.AsyncClient(base_url=self.url, auth=Signed("connectors", principal=principal), timeout=30)


@pytest.fixture(scope="session")
def outside() -> Generator[str]:
    """The outside system."""
    port = free_port()
    process = start_command([sys.executable, "-m", "tests.integration.connectors.outside", str(port)], {})
    try:
        wait_ready(f"http://127.0.0.1:{port}/page", 30, process=process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_process(process)


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    """An outside MCP server and an API with a description; a module has it as it was before anybody changed it."""
    port = free_port()
    process = start_command([sys.executable, "-m", "tests.integration.connectors.mcp_outside", str(port)], {})
    try:
        wait_ready(f"http://127.0.0.1:{port}/openapi.json", 30, process=process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_process(process)


def shop_database(folder: Path) -> Path:
    """A shop with two orders."""
    path = folder / SECRET_ADDRESS
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, city TEXT, changed INTEGER)")
        database.execute("INSERT INTO orders VALUES ('A-17', 'shipped', 'Bergen', 1), ('A-18', 'waiting', 'Oslo', 2)")
    database.close()
    return path


@contextmanager
def running_service(
    home: Path, *, outside: str, more: str = "", private: str = "", **environment: str
) -> Generator[Service]:
    """The service with the connectors of `_FILE` and some more."""
    (port,) = free_ports(1)
    file = home / "connectors.toml"
    file.write_text(_FILE.format(outside=outside.rsplit(":", 1)[1], more=more))
    url = f"http://127.0.0.1:{port}"
    inner = private or outside.removeprefix("http://")
    env = {
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_CONNECTORS_URL": url,
        "RAGWORKS_CONNECTORS_FILE": str(file),
        "RAGWORKS_CONNECTORS_PRIVATE_HOSTS": f'["{inner}","{inner.replace("127.0.0.1", "localhost")}"]',
        "RAGWORKS_CONNECTORS_REQUEST_CALLS": "8",
        "RAGWORKS_CONNECTORS_REQUEST_COST": "1",
        "SHOP_DATABASE": f"sqlite:///{shop_database(home)}",
        **environment,
    }
    with running("services.connectors", env, ready=f"{url}/readyz") as root:
        yield Service(root, home)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, outside: str) -> Generator[Service]:
    """The service."""
    with running_service(tmp_path_factory.mktemp("connectors"), outside=outside) as found:
        yield found


@pytest.fixture
async def operator(service: Service) -> AsyncGenerator[httpx2.AsyncClient]:
    """Asks for the operator."""
    async with service.client() as client:
        yield client


@pytest.fixture
async def anyone(service: Service) -> AsyncGenerator[httpx2.AsyncClient]:
    """Asks for an ordinary key."""
    async with service.client("key:tester") as client:
        yield client
