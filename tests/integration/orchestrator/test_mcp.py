"""The corpus as an MCP server, asked with the official client: through the gateway, and over stdio."""

import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy import insert, select

from services.shared.components.catalogue.catalogue import open_catalogue
from services.shared.components.catalogue.schema import documents
from services.shared.components.catalogue.settings import CatalogueSettings
from services.shared.kit.settings import PlatformSettings
from tests.integration.orchestrator.conftest import CHUNK_STARTS, COLLECTION, DOCUMENTS
from tests.integration.orchestrator.engine import ScriptedEngine
from tests.processes import free_port, running
from tests.search_stack import SearchStack, environment_of


@dataclass(frozen=True)
class Door:
    """The gateway, and a key to it."""

    url: str
    key: str


@pytest.fixture(scope="module")
def door(stack: SearchStack) -> Generator[Door]:
    """The gateway before the stack."""
    url = f"http://127.0.0.1:{free_port()}"
    settings = stack.settings.model_copy(update={"gateway_url": url})
    environment = environment_of(PlatformSettings.model_validate(settings.model_dump()))
    with running("services.gateway", environment, ready=f"{url}/healthz"):
        yield Door(url, (stack.settings.home / "secrets" / "api.key").read_text().strip())


@asynccontextmanager
async def _over_http(door: Door, **options: Any) -> AsyncGenerator[Client]:
    headers = {"authorization": f"Bearer {door.key}"}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=60))
        transport = streamable_http_client(f"{door.url}/mcp", http_client=http)
        yield await stack.enter_async_context(Client(transport, **options))


@asynccontextmanager
async def _over_stdio(door: Door, **options: Any) -> AsyncGenerator[Client]:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "services.frontend.cli", "mcp", "--url", door.url],
        env={"RAGWORKS_API_KEY": door.key},
    )
    async with Client(command, **options) as client:
        yield client


Connect = Callable[..., AbstractAsyncContextManager[Client]]


async def _call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return dict(result.structured_content)


@pytest.mark.parametrize("connect", [_over_http, _over_stdio])
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_an_agent_finds_reads_and_asks(
    door: Door, http: httpx2.AsyncClient, stack: SearchStack, model: ScriptedEngine, connect: Connect, era: str
) -> None:
    """By each way, in both of the protocol's eras."""
    await _enter_ledger(stack)
    async with connect(door, mode=era) as client:
        await _use(client, model)


async def _use(client: Client, model: ScriptedEngine) -> None:
    listed = await client.list_tools()
    assert {tool.name for tool in listed.tools} == {"list_collections", "search", "get_document", "ask"}
    assert all(tool.description for tool in listed.tools)
    collections = (await _call(client, "list_collections"))["collections"]
    assert COLLECTION in [each["name"] for each in collections]

    found = (await _call(client, "search", collection=COLLECTION, query="When does the ferry leave?", limit=1))[
        "passages"
    ]
    assert [each["document_id"] for each in found] == ["ferry"]

    text = DOCUMENTS["ferry"]
    first = await _call(client, "get_document", document_id="ferry", limit=60)
    second = await _call(client, "get_document", document_id="ferry", offset=first["next_offset"])
    assert (first["text"] + second["text"])[CHUNK_STARTS["ferry"] :] == text[CHUNK_STARTS["ferry"] :]
    assert second["next_offset"] is None

    model.says = "The ferry to Nordsund leaves at 07:40."
    answer = await _call(client, "ask", collection=COLLECTION, question="When does the ferry to Nordsund leave?")
    assert "07:40" in answer["answer"]
    assert answer["citations"][0]["document_id"] == "ferry"
    assert not answer["abstained"]


async def test_what_fails_is_told_in_words(door: Door, http: httpx2.AsyncClient) -> None:
    async with _over_http(door) as client:
        for tool, arguments, said in (
            ("search", {"collection": "nowhere", "query": "x"}, "nowhere"),
            ("search", {"collection": COLLECTION, "query": " "}, "blank"),
            ("search", {"collection": COLLECTION, "query": "x", "filters": {"type": "near"}}, "filters"),
            ("get_document", {"document_id": "../jobs"}, "no document"),
            ("ask", {"collection": COLLECTION, "question": " "}, "blank"),
            ("ask", {"collection": "nowhere", "question": "x"}, "nowhere"),
        ):
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert said in str(result.content), (tool, result.content)


async def test_an_agent_sees_what_its_key_may_read(door: Door, stack: SearchStack, http: httpx2.AsyncClient) -> None:
    await _enter_ledger(stack)
    async with httpx2.AsyncClient(base_url=door.url, headers={"authorization": f"Bearer {door.key}"}) as operator:
        made = (await operator.post("/api/keys", json={"name": "agent"})).json()
    agent = Door(door.url, made["key"])
    async with stack.index() as index:
        await index.set_access(COLLECTION, ["lighthouse"], ["key:operator"])
        await _enter_ledger(stack, lighthouse=("key:operator",))
        try:
            for known, who in ((True, door), (False, agent)):
                async with _over_http(who) as client:
                    found = await _call(client, "search", collection=COLLECTION, query="lighthouse")
                    assert ("lighthouse" in [each["document_id"] for each in found["passages"]]) is known
                    hidden = await client.call_tool("get_document", {"document_id": "lighthouse"})
                    nothing = await client.call_tool("get_document", {"document_id": "nothing"})
                    assert bool(hidden.is_error) is not known
                    if not known:
                        assert str(hidden.content) == str(nothing.content).replace("nothing", "lighthouse")
        finally:
            await index.set_access(COLLECTION, ["lighthouse"], ["everyone"])
            await _enter_ledger(stack, lighthouse=("everyone",))


async def test_strangers_are_refused(door: Door) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with httpx2.AsyncClient(base_url=door.url) as stranger:
        assert (await stranger.post("/mcp", json=message)).status_code == 401
        key = {"authorization": f"Bearer {door.key}"}
        assert (await stranger.get("/mcp", headers=key)).status_code == 405


async def _enter_ledger(stack: SearchStack, **access: tuple[str, ...]) -> None:
    """Ledger rows as ingest writes them, of the documents that are in the index."""
    async with stack.corpus() as corpus:
        collection = (await corpus.get(f"/internal/collections/{COLLECTION}")).json()["id"]
    catalogue = open_catalogue(CatalogueSettings(home=stack.settings.home).catalogue_database)
    try:
        with catalogue.write() as connection:
            known = set(connection.execute(select(documents.c.id)).scalars())
            for name in DOCUMENTS:
                readers = list(access.get(name, ("everyone",)))
                if name not in known:
                    connection.execute(insert(documents), [_row(name, collection, readers)])
                elif name in access:
                    connection.execute(documents.update().where(documents.c.id == name).values(access=readers))
    finally:
        catalogue.close()


def _row(name: str, collection: str, readers: list[str]) -> dict[str, object]:
    now = datetime.now(UTC)
    row = {"id": name, "collection_id": collection, "source": f"{name}.md", "version": "v", "title": name}
    read = {"media_type": "text/plain", "bytes": 1, "chunks": 1, "file_id": "file", "access": readers, "attributes": {}}
    attempt = {"attempt_job_id": "job", "attempt_file_id": "file", "attempt_status": "done", "attempted_at": now}
    return {**row, **read, **attempt, "ingested_at": now}
