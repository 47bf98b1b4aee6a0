"""The tools of connectors as others see them: agents over MCP, and programs built with LangChain."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
from langchain_core.messages import ToolCall
from langchain_core.tools import BaseTool
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult
from pydantic import SecretStr

from services.shared.components.connectors.langchain_tools import platform_tools
from tests.integration.connectors.conftest import Service, running_service
from tests.processes import free_ports, running
from tests.signed import INTERNAL_KEY

_MORE = """
[[connectors]]
name = "weather"
kind = "mcp"
allow = ["everyone"]
config = {{url = "http://127.0.0.1:{port}/mcp/", reads = ["forecast"]}}
"""
_OWN = {"list_collections", "search", "get_document", "ask"}


@dataclass(frozen=True)
class Door:
    """The gateway, with the operator's key and an ordinary one."""

    url: str
    operator_key: str
    key: str
    service: Service


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, server: str) -> Generator[Door]:
    """Gateway, orchestrator and connectors service before an outside MCP server."""
    gateway, orchestrator = free_ports(2)
    home, inner = tmp_path_factory.mktemp("offered"), server.removeprefix("http://")
    more = _MORE.format(port=server.rsplit(":", 1)[1])
    with running_service(home, outside=server, more=more, private=inner) as service:
        env = {
            "RAGWORKS_HOME": str(home),
            "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
            "RAGWORKS_CONNECTORS_URL": service.url,
            "RAGWORKS_ORCHESTRATOR_URL": f"http://127.0.0.1:{orchestrator}",
            "RAGWORKS_GATEWAY_URL": f"http://127.0.0.1:{gateway}",
        }
        url = env["RAGWORKS_GATEWAY_URL"]
        with (
            running("services.orchestrator", env, ready=f"{env['RAGWORKS_ORCHESTRATOR_URL']}/healthz"),
            running("services.gateway", env, ready=f"{url}/healthz"),
        ):
            operator = (home / "secrets" / "api.key").read_text().strip()
            yield Door(url, operator, _new_key(url, operator), service)


def _new_key(url: str, operator: str) -> str:
    made = httpx2.post(f"{url}/api/keys", json={"name": "agent"}, headers={"authorization": f"Bearer {operator}"})
    return str(made.json()["key"])


@asynccontextmanager
async def _agent(door: Door) -> AsyncGenerator[Client]:
    """The protocol's official client, with the ordinary key."""
    async with AsyncExitStack() as stack:
        headers = {"authorization": f"Bearer {door.key}"}
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=30))
        transport = streamable_http_client(f"{door.url}/mcp", http_client=http)
        yield await stack.enter_async_context(Client(transport))


def _operator(door: Door) -> httpx2.AsyncClient:
    headers = {"authorization": f"Bearer {door.operator_key}"}
    return httpx2.AsyncClient(base_url=door.url, headers=headers, timeout=30)


async def _approve_definition(door: Door, name: str) -> None:
    async with _operator(door) as operator:
        digest = (await operator.get(f"/api/tools/{name}")).json()["digest"]
        assert (await operator.post(f"/api/tools/{name}/approve", json={"digest": digest})).status_code == 200


async def _approve_calls(door: Door) -> None:
    async with _operator(door) as operator:
        for each in (await operator.get("/api/tool-approvals")).json()["approvals"]:
            await operator.post(f"/api/tool-approvals/{each['id']}")


def _text(result: object) -> str:
    assert isinstance(result, CallToolResult)
    return "\n".join(getattr(each, "text", "") for each in result.content)


async def test_an_agent_sees_the_tools_that_its_key_may_call_and_calls_them(door: Door) -> None:
    async with _agent(door) as agent:
        listed = {each.name: each for each in (await agent.list_tools()).tools}
        result = await agent.call_tool("shop__order_status", {"order": "A-17"})
        wrong = await agent.call_tool("shop__order_status", {"order": 17})
        hidden = await agent.call_tool("news__latest", {})

    mine = {name for name in listed if name not in _OWN}
    assert {"shop__order_status", "shop__schema", "shop__query", "pages__fetch"} <= mine
    assert not {name for name in mine if name.startswith("news")}, "which the operator alone may use"
    annotations = listed["shop__order_status"].annotations
    assert annotations is not None
    assert annotations.read_only_hint is True
    assert result.structured_content is not None
    assert result.structured_content["material"][0]["text"] == "id is A-17, status is shipped, city is Bergen."
    assert "nobody vouches for it" in _text(result)
    assert wrong.is_error
    assert "17 is not of type 'string'" in _text(wrong)
    assert hidden.is_error
    assert "no tool 'news.latest'" in _text(hidden)


async def test_an_agent_is_offered_no_outside_definition_before_an_operator_saw_it(door: Door) -> None:
    async with _agent(door) as agent:
        before = {each.name for each in (await agent.list_tools()).tools}
        refused = await agent.call_tool("weather__forecast", {"city": "Bergen"})
        await _approve_definition(door, "weather.forecast")
        after = {each.name for each in (await agent.list_tools()).tools}
        allowed = await agent.call_tool("weather__forecast", {"city": "Bergen"})

    assert "weather__forecast" not in before
    assert refused.is_error
    assert "was not approved yet" in _text(refused)
    assert "weather__forecast" in after
    assert "In Bergen it rains." in _text(allowed)


async def test_an_agents_call_that_changes_something_is_made_when_it_is_sent_again_after_an_approval(
    door: Door,
) -> None:
    await _approve_definition(door, "weather.alert")
    async with _agent(door) as agent:
        asked = [await agent.call_tool("weather__alert", {"text": "storm"}) for _ in range(2)]
        await _approve_calls(door)
        done = await agent.call_tool("weather__alert", {"text": "storm"})
        again = await agent.call_tool("weather__alert", {"text": "storm"})
    async with _operator(door) as operator:
        log = (await operator.get("/api/tool-calls")).json()["calls"]

    assert all(each.is_error and "nothing was done" in _text(each) for each in (*asked, again))
    assert _text(asked[0]) == _text(asked[1]), "a call that waits is not waiting twice"
    assert "Sent 1." in _text(done)
    mine = [each for each in reversed(log) if each["tool"] == "weather.alert"]
    assert [each["outcome"] for each in mine] == [
        "approval_required",
        "approval_required",
        "started",
        "ok",
        "approval_required",
    ]
    (agents,) = {each["principal"] for each in mine}
    assert agents.startswith("key:key_"), "it is the agent's key that called, not the platform's"


async def test_a_program_built_with_langchain_calls_tools_under_the_same_policy(door: Door) -> None:
    tools = {each.name: each for each in await asyncio.to_thread(platform_tools, door.url, key=SecretStr(door.key))}

    found = await _called(tools["shop__order_status"], order="A-18")
    refused = await _called(tools["shop__query"], sql="DELETE FROM orders")

    assert "id is A-18, status is waiting, city is Oslo." in found.content
    assert found.artifact["result"]["rows"] == [{"id": "A-18", "status": "waiting", "city": "Oslo"}]
    assert (refused.status, refused.artifact) == ("error", None)
    assert "DELETE is no query" in refused.content


async def _called(tool: BaseTool, **arguments: object):  # noqa: ANN202 - LangChain's own message
    return await tool.ainvoke(ToolCall(name=tool.name, args=arguments, id="1", type="tool_call"))
