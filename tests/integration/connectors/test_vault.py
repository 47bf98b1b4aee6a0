"""Secrets from a server with the HTTP API of Vault's key-value store."""

import asyncio
import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.shared.components.connectors.vault import Vault
from tests.integration.connectors.conftest import running_service, shop_database

_TOKEN = "s.token-of-the-test"
_MORE = """
[[connectors]]
name = "vaulted"
kind = "sql"
config = {url = "vault:secret/data/shop#url"}

[[connectors]]
name = "missing"
kind = "sql"
config = {url = "vault:secret/data/shop#nothing"}
"""


class _Store:
    """What the server holds, by path."""

    def __init__(self) -> None:
        self.secrets: dict[str, dict[str, str]] = {}
        self.url = ""


@pytest.fixture
def store() -> Generator[_Store]:
    """The server, as its API is documented."""
    store = _Store()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fields = store.secrets.get(self.path)
            allowed = self.headers.get("x-vault-token") == _TOKEN
            status = 403 if not allowed else 404 if fields is None else 200
            body = json.dumps({"data": {"data": fields, "metadata": {"version": 1}}} if status == 200 else {}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    store.url = f"http://127.0.0.1:{server.server_port}"
    yield store
    server.shutdown()
    server.server_close()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "vault.token"
    path.write_text(_TOKEN)
    return path


async def test_a_connectors_secret_comes_from_the_vault_and_one_that_is_not_there_is_told_by_its_name(
    tmp_path: Path, store: _Store, token_file: Path, outside: str
) -> None:
    store.secrets["/v1/secret/data/shop"] = {"url": f"sqlite:///{shop_database(tmp_path)}"}
    places = {"RAGWORKS_CONNECTORS_VAULT_URL": store.url, "RAGWORKS_CONNECTORS_VAULT_TOKEN_FILE": str(token_file)}
    with running_service(tmp_path, outside=outside, more=_MORE, **places) as service:
        async with service.client() as client:
            found = await client.post("/api/tools/vaulted.schema/call", json={})
            missing = await client.post("/api/tools/missing.schema/call", json={})

    assert "orders" in found.json()["result"]
    assert missing.json()["error"]["code"] == "secret_missing"
    assert "vault:secret/data/shop#nothing" in missing.json()["error"]["message"]


async def test_a_secret_that_is_changed_counts_and_one_that_cannot_be_fetched_stays(
    store: _Store, token_file: Path
) -> None:
    vault, reference = Vault(store.url, token_file), "vault:secret/data/shop#key"
    await vault.refresh([reference])
    assert vault.get(reference) == ""

    store.secrets["/v1/secret/data/shop"] = {"key": "first"}
    await vault.refresh([reference])
    store.secrets["/v1/secret/data/shop"] = {"key": "second"}
    await vault.refresh([reference])
    assert vault.get(reference) == "second"

    await asyncio.to_thread(token_file.write_text, "s.another")
    await vault.refresh([reference])
    assert vault.get(reference) == "second"
