"""A GraphQL API by the reference implementation, behind a small server on loopback."""

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from graphql import build_schema, graphql_sync

from services.shared.components.connectors.conformance import check_connector
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import Conditions, open_connector
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.secrets import Secrets
from services.shared.contracts.tools import Effect

_SCHEMA = build_schema(
    """
    type Order { id: String!, status: String! }
    type Query { order(id: String!): Order }
    type Mutation { cancel(id: String!): Order }
    """
)
_KEY = "a-key-of-the-test"
_OPERATIONS = {
    "order_status": {
        "description": "The status of an order.",
        "document": "query ($id: String!) { order(id: $id) { id status } } # no mutation { at all",
        "parameters": {"id": "string"},
        "cache_s": 60,
    },
    "cancel": {
        "description": "Cancels an order.",
        "document": "fragment F on Order { id }\nmutation ($id: String!) { cancel(id: $id) { ...F status } }",
        "parameters": {"id": "string"},
        "cache_s": 60,
    },
    "wrong": {"description": "Asks for what there is not.", "document": "{ invoice { id } }"},
}


class _Orders:
    """What the API's fields are resolved to."""

    def __init__(self) -> None:
        self.status = {"A-17": "shipped"}

    def order(self, _: object, id: str) -> dict[str, str] | None:  # noqa: A002 - the schema's name
        return {"id": id, "status": self.status[id]} if id in self.status else None

    def cancel(self, info: object, id: str) -> dict[str, str] | None:  # noqa: A002
        self.status[id] = "cancelled"
        return self.order(info, id)


@pytest.fixture
def url() -> Generator[str]:
    """The API."""
    orders = _Orders()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            allowed = self.headers.get("authorization") == f"Bearer {_KEY}"
            result = graphql_sync(_SCHEMA, asked["query"], orders, variable_values=asked["variables"])
            body = json.dumps(result.formatted if allowed else {}).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("content-type", "application/graphql-response+json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/graphql"
    server.shutdown()
    server.server_close()


async def test_declared_operations_are_tools_and_mutations_are_changes(url: str, tmp_path: Path) -> None:
    config = {"url": url, "key": "env:KEY", "operations": _OPERATIONS}
    declared = Declared(name="shop", kind="graphql", config=config)
    secrets, private = Secrets({"KEY": _KEY}, tmp_path), frozenset({"127.0.0.1:*"})
    connector = open_connector(declared, Conditions(secrets, private))
    tools = {each.name: each for each in await connector.tools()}
    await connector.check()
    shipped = await tools["order_status"].run({"id": "A-17"})
    literal = await tools["order_status"].run({"id": 'A-17") { id } cancel(id: "A-17'})
    await tools["cancel"].run({"id": "A-17"})
    cancelled = await tools["order_status"].run({"id": "A-17"})
    with pytest.raises(ConnectorError, match="Cannot query field 'invoice'"):
        await tools["wrong"].run({})
    await connector.http.close()
    found = await check_connector(
        lambda given: open_connector(declared, Conditions(given, private)),
        secrets,
        calls={"order_status": {"id": "A-17"}},
    )

    assert {name: (each.effect, each.cache_s) for name, each in tools.items()} == {
        "order_status": (Effect.READ, 60),
        "cancel": (Effect.WRITE, 0),
        "wrong": (Effect.READ, 0),
    }
    assert shipped == {"order": {"id": "A-17", "status": "shipped"}}
    assert literal == {"order": None}, "an argument is a value, and never a part of the document"
    assert cancelled == {"order": {"id": "A-17", "status": "cancelled"}}
    assert [each for each in found if each.problem] == []
