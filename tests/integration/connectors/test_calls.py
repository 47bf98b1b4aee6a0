"""What callers of tools see."""

import httpx2

from services.shared.contracts.principals import OPERATOR
from tests.integration.connectors.conftest import Service


async def _call(client: httpx2.AsyncClient, name: str, **arguments: object) -> httpx2.Response:
    return await client.post(f"/api/tools/{name}/call", json={"arguments": arguments})


async def test_a_named_query_answers_with_rows_and_with_text_that_can_be_cited(anyone: httpx2.AsyncClient) -> None:
    answer = (await _call(anyone, "shop.order_status", order="A-17")).json()

    assert answer["result"] == {"rows": [{"id": "A-17", "status": "shipped", "city": "Bergen"}], "more": False}
    assert answer["material"] == [
        {
            "title": "shop.order_status",
            "source": "tool:shop.order_status",
            "text": "id is A-17, status is shipped, city is Bergen.",
        }
    ]


async def test_a_colon_in_a_text_of_a_query_is_no_place_for_a_value(anyone: httpx2.AsyncClient) -> None:
    answer = await _call(anyone, "shop.query", sql="SELECT 'at 07:40 :order' AS said, count(*) AS n FROM orders")

    assert answer.json()["result"]["rows"] == [{"said": "at 07:40 :order", "n": 2}]


async def test_a_result_is_given_again_to_the_same_caller_alone(service: Service) -> None:
    async with service.client("key:one") as one, service.client("key:two") as two:
        first = (await _call(one, "shop.order_status", order="A-18")).json()
        again = (await _call(one, "shop.order_status", order="A-18")).json()
        other = (await _call(two, "shop.order_status", order="A-18")).json()

    assert (first["cached"], again["cached"], other["cached"]) == (False, True, False)
    assert again["result"] == first["result"]


async def test_wrong_arguments_are_refused_by_name(anyone: httpx2.AsyncClient) -> None:
    missing = await _call(anyone, "shop.order_status")
    unknown = await _call(anyone, "shop.order_status", order="A-17", limit=3)

    assert missing.status_code == unknown.status_code == 400
    assert "'order' is a required property" in missing.json()["error"]["message"]
    assert "limit" in unknown.json()["error"]["message"]


async def test_who_is_not_allowed_to_use_a_connector_does_not_see_it(
    operator: httpx2.AsyncClient, anyone: httpx2.AsyncClient
) -> None:
    named = {tool["name"] for tool in (await anyone.get("/api/tools")).json()["tools"]}
    refused = await _call(anyone, "news.latest")

    assert named == {"shop.order_status", "shop.schema", "shop.query", "pages.fetch"}
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "tool_not_found")
    assert (await _call(operator, "news.latest", words="pier open")).json()["material"][0]["title"] == "Pier open"


async def test_connectors_tell_how_they_are(operator: httpx2.AsyncClient) -> None:
    found = (await operator.get("/api/connectors")).json()["connectors"]

    assert {each["name"]: each["state"] for each in found} == {
        "shop": "ready",
        "pages": "ready",
        "ledger": "ready",
        "news": "ready",
    }
    assert [each["name"] for each in found if each["sync"]] == ["news"], "which can be a source"


async def test_the_kinds_that_are_installed_say_what_they_have_to_be_told(anyone: httpx2.AsyncClient) -> None:
    found = {each["kind"]: each for each in (await anyone.get("/api/connector-kinds")).json()["kinds"]}

    assert {"graphql", "imap", "mcp", "openapi", "redis_stream", "rss", "sql", "web_page"} <= found.keys()
    assert not [each for each in found.values() if each["problem"]]
    assert found["sql"]["about"] == "A SQLite or PostgreSQL database, which is only read."
    assert found["sql"]["config"]["properties"]["url"]["format"] == "secret-reference"
    assert found["sql"]["config"]["required"] == ["url"]


async def test_a_question_leads_to_the_tool_whose_pattern_it_fits(anyone: httpx2.AsyncClient) -> None:
    question = {"question": "Where is order A-17 now?", "connectors": ["shop", "news"]}

    selected = (await anyone.post("/internal/tools/select", json=question)).json()

    assert [(each["name"], each["arguments"]) for each in selected["calls"]] == [
        ("shop.order_status", {"order": "A-17"})
    ]


async def test_a_page_comes_without_its_furniture(anyone: httpx2.AsyncClient, outside: str) -> None:
    (page,) = (await _call(anyone, "pages.fetch", url=f"{outside}/page")).json()["material"]

    assert page["title"] == "Ferry times"
    assert "The first ferry leaves at 07:40." in " ".join(page["text"].split())
    assert "menu" not in page["text"]


async def test_a_system_that_asks_for_patience_gets_it_if_it_is_short(anyone: httpx2.AsyncClient, outside: str) -> None:
    soon = await _call(anyone, "pages.fetch", url=f"{outside}/busy")
    late = await _call(anyone, "pages.fetch", url=f"{outside}/hours")

    assert soon.json()["material"][0]["text"] == "Quiet again."
    assert (late.status_code, late.json()["error"]["code"]) == (429, "rate_limited")


async def test_every_call_is_in_the_audit_log_whatever_became_of_it(operator: httpx2.AsyncClient) -> None:
    done = await operator.post(
        "/api/tools/shop.order_status/call", json={"arguments": {"order": "A-17"}}, headers={"x-request-id": "tx-1"}
    )
    await operator.post("/api/tools/shop.order_status/call", json={"arguments": {}}, headers={"x-request-id": "tx-2"})

    log = (await operator.get("/api/tool-calls")).json()["calls"]
    mine = {each["request_id"]: each for each in log if each["request_id"] in {"tx-1", "tx-2"}}
    assert mine["tx-1"]["id"] == done.json()["id"]
    assert mine["tx-1"]["outcome"] in {"ok", "cached"}
    assert mine["tx-2"]["outcome"] == "invalid_arguments"
    assert mine["tx-1"]["principal"] == OPERATOR
    assert "A-17" not in str(log)


async def test_calls_are_counted_by_outcome(operator: httpx2.AsyncClient) -> None:
    await _call(operator, "shop.order_status")

    assert (
        'ragworks_tool_calls_total{outcome="invalid_arguments",tool="shop.order_status"}'
        in (await operator.get("/metrics")).text
    )


async def test_a_system_that_keeps_failing_is_left_alone(anyone: httpx2.AsyncClient, outside: str) -> None:
    codes = [
        (await _call(anyone, "pages.fetch", url=f"{outside}/broken?{turn}")).json()["error"]["code"]
        for turn in range(4)
    ]
    elsewhere = await _call(anyone, "pages.fetch", url=f"{outside.replace('127.0.0.1', 'localhost')}/page?again")

    assert codes == ["upstream_status"] * 3 + ["tool_resting"]
    assert elsewhere.status_code == 200, "another host is asked on"


async def test_a_connector_of_one_collection_is_there_for_questions_to_that_collection_alone(
    anyone: httpx2.AsyncClient, operator: httpx2.AsyncClient
) -> None:
    async def status(client: httpx2.AsyncClient, **body: object) -> int:
        return (await client.post("/api/tools/ledger.schema/call", json=body)).status_code

    named = {tool["name"] for tool in (await anyone.get("/api/tools", params={"collection": "books"})).json()["tools"]}

    assert "ledger.schema" in named
    assert [await status(anyone, collection=name) for name in ("books", "docs", "books+docs", None)] == [
        200,
        404,
        404,
        404,
    ]
    assert await status(operator) == 200


async def test_one_request_may_spend_so_much_and_no_more(anyone: httpx2.AsyncClient, outside: str) -> None:
    async def codes(request_id: str, name: str, *arguments: dict[str, str]) -> list[str]:
        headers = {"x-request-id": request_id}
        answers = [
            await anyone.post(f"/api/tools/{name}/call", json={"arguments": each}, headers=headers)
            for each in arguments
        ]
        return ["ok" if each.status_code == 200 else each.json()["error"]["code"] for each in answers]

    host = outside.replace("127.0.0.1", "localhost")
    pages = [{"url": f"{host}/page?{number}"} for number in (1, 2, 1, 3)]
    queries = [{"sql": f"SELECT {number}"} for number in range(9)]

    assert await codes("costly", "pages.fetch", *pages) == ["ok", "ok", "ok", "budget_spent"], "the cache costs nothing"
    assert await codes("another", "pages.fetch", pages[3]) == ["ok"]
    assert await codes("many", "shop.query", *queries) == ["ok"] * 8 + ["budget_spent"]
