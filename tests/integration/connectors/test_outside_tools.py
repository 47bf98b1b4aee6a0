"""Tools that an outside system defines, and calls that change something: nothing happens without an operator."""

from collections.abc import Generator

import httpx2
import pytest

from tests.integration.connectors.conftest import Service, running_service

_MORE = """
[[connectors]]
name = "weather"
kind = "mcp"
allow = ["everyone"]
config = {{url = "http://127.0.0.1:{port}/mcp/", reads = ["forecast"]}}

[[connectors]]
name = "store"
kind = "openapi"
allow = ["everyone"]
config = {{spec = "http://127.0.0.1:{port}/openapi.json", operations = ["stock"]}}
"""


@pytest.fixture(scope="module")
def outward(tmp_path_factory: pytest.TempPathFactory, server: str) -> Generator[Service]:
    """The service with the server's tools."""
    more = _MORE.format(port=server.rsplit(":", 1)[1])
    with running_service(
        tmp_path_factory.mktemp("outward"), outside=server, more=more, private=server.removeprefix("http://")
    ) as found:
        yield found


async def _call(
    client: httpx2.AsyncClient, name: str, approval: str | None = None, **arguments: object
) -> httpx2.Response:
    return await client.post(f"/api/tools/{name}/call", json={"arguments": arguments, "approval": approval})


async def _approve(client: httpx2.AsyncClient, name: str) -> None:
    digest = (await client.get(f"/api/tools/{name}")).json()["digest"]
    assert (await client.post(f"/api/tools/{name}/approve", json={"digest": digest})).status_code == 200


async def test_an_outside_tool_is_refused_until_its_definition_is_approved(outward: Service) -> None:
    async with outward.client() as client:
        before = await _call(client, "weather.forecast", city="Bergen")
        wrong = await client.post("/api/tools/weather.forecast/approve", json={"digest": "0" * 64})
        await _approve(client, "weather.forecast")
        after = await _call(client, "weather.forecast", city="Bergen")

    assert (before.status_code, before.json()["error"]["code"]) == (403, "tool_not_approved")
    assert wrong.status_code == 409
    assert after.json()["material"][0]["text"] == "In Bergen it rains."


async def test_an_operation_of_an_api_is_called_and_no_argument_leads_to_another_path(outward: Service) -> None:
    async with outward.client() as client:
        await _approve(client, "store.stock")
        found = (await _call(client, "store.stock", item="pears")).json()
        astray = (await _call(client, "store.stock", item="../admin")).json()
        dots = await _call(client, "store.stock", item="..")
        names = {tool["name"] for tool in (await client.get("/api/tools")).json()["tools"]}

    assert found["result"]["count"] == 4
    assert astray["result"]["path"] == "/stock/..%2Fadmin"
    assert (dots.status_code, dots.json()["error"]["code"]) == (400, "invalid_arguments")
    assert {name for name in names if name.startswith("store.")} == {"store.stock"}


async def test_a_call_that_changes_something_is_made_once_after_an_operator_approved_this_very_call(
    outward: Service,
) -> None:
    async with outward.client() as operator, outward.client("key:tester") as client:
        await _approve(operator, "weather.alert")
        asked = await _call(client, "weather.alert", text="storm")
        waiting = (await operator.get("/api/tool-approvals")).json()["approvals"]
        approval = next(each["id"] for each in waiting if each["arguments"] == {"text": "storm"})
        early = await _call(client, "weather.alert", approval, text="storm")
        await operator.post(f"/api/tool-approvals/{approval}")
        other = await _call(client, "weather.alert", approval, text="sunshine")
        stranger = await _call(operator, "weather.alert", approval, text="storm")
        done = await _call(client, "weather.alert", approval, text="storm")
        again = await _call(client, "weather.alert", approval, text="storm")
        log = (await operator.get("/api/tool-calls")).json()["calls"]

    assert (asked.status_code, asked.json()["error"]["code"]) == (403, "approval_required")
    assert approval in asked.json()["error"]["message"]
    assert {each.json()["error"]["code"] for each in (early, other, stranger, again)} == {"approval_invalid"}
    assert done.json()["material"][0]["text"] == "Sent 1."
    outcomes = [each["outcome"] for each in log if each["id"] == done.json()["id"]]
    assert outcomes == ["ok", "started"], "a call that changes something is noted before it is made"


async def test_a_description_that_was_changed_after_its_approval_is_refused(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("poisoned")
    more, inner = _MORE.format(port=server.rsplit(":", 1)[1]), server.removeprefix("http://")
    with running_service(home, outside=server, more=more, private=inner) as before:
        async with before.client() as client:
            await _approve(client, "weather.forecast")
            assert (await _call(client, "weather.forecast", city="Oslo")).status_code == 200
    async with httpx2.AsyncClient() as client:
        await client.get(f"{server}/poison")
    with running_service(home, outside=server, more=more, private=inner) as after:
        async with after.client() as client:
            poisoned = await _call(client, "weather.forecast", city="Oslo")
            log = (await client.get("/api/tool-calls?limit=1")).json()["calls"]

    assert (poisoned.status_code, poisoned.json()["error"]["code"]) == (403, "tool_changed")
    assert log[0]["outcome"] == "tool_changed"
