"""What reaches which service, and what never does."""

import http.client
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from yarl import URL

from tests.integration.gateway.conftest import Platform, inner_counts
from tests.integration.gateway.test_keys import error_of


@pytest.mark.parametrize(
    ("method", "path", "service", "inner_path"),
    [
        ("POST", "/v1/chat/completions", "orchestrator", "/v1/chat/completions"),
        ("GET", "/v1/models", "orchestrator", "/v1/models"),
        ("GET", "/v1/models/rag/docs", "orchestrator", "/v1/models/rag/docs"),
        ("GET", "/v1/models/rag%2Fdocs", "orchestrator", "/v1/models/rag/docs"),
        ("POST", "/v1/completions", "inference", "/v1/completions"),
        ("POST", "/v1/embeddings", "inference", "/v1/embeddings"),
        ("POST", "/v1/rerank", "inference", "/v1/rerank"),
        ("POST", "/v1/files", "corpus", "/v1/files"),
        ("GET", "/v1/files", "corpus", "/v1/files"),
        ("GET", "/v1/files/file-1/content", "corpus", "/v1/files/file-1/content"),
        ("DELETE", "/v1/files/file-1", "corpus", "/v1/files/file-1"),
        ("POST", "/v1/vector_stores", "corpus", "/v1/vector_stores"),
        ("POST", "/v1/vector_stores/vs_1/search", "retrieval", "/v1/vector_stores/vs_1/search"),
        ("POST", "/v1/vector_stores/vs_1/files", "corpus", "/v1/vector_stores/vs_1/files"),
        ("GET", "/v1/vector_stores/vs_1", "corpus", "/v1/vector_stores/vs_1"),
        ("POST", "/mcp", "orchestrator", "/mcp"),
        ("POST", "/api/search", "retrieval", "/internal/search"),
        ("POST", "/api/explain", "retrieval", "/internal/explain"),
        ("GET", "/api/collections", "corpus", "/api/collections"),
        ("DELETE", "/api/collections/docs", "corpus", "/api/collections/docs"),
        ("GET", "/api/documents/d-1", "corpus", "/api/documents/d-1"),
        ("POST", "/api/jobs/job_1/cancel", "corpus", "/api/jobs/job_1/cancel"),
        ("POST", "/api/jobs/job_1/retry", "corpus", "/api/jobs/job_1/retry"),
        ("GET", "/api/jobs/job_1/events", "corpus", "/api/jobs/job_1/events"),
        ("GET", "/api/jobs/job_1/documents", "corpus", "/api/jobs/job_1/documents"),
        ("POST", "/api/ingest/plan", "corpus", "/api/ingest/plan"),
        ("GET", "/api/collections/caf%C3%A9%20au%20lait", "corpus", "/api/collections/café au lait"),
    ],
)
async def test_a_path_belongs_to_its_service(
    door: aiohttp.ClientSession, method: str, path: str, service: str, inner_path: str
) -> None:
    async with door.request(method, URL(path, encoded=True)) as response:
        seen = await response.json()
    assert (seen["service"], seen["path"], seen["method"]) == (service, inner_path, method)
    assert seen["caller"] == "gateway"
    assert seen["principal"] == "key:operator"


async def test_headers_pass_only_where_they_belong_to_what_is_asked(door: aiohttp.ClientSession) -> None:
    given = {"mcp-method": "tools/list", "mcp-protocol-version": "2026-07-28", "mcp-session-id": "s", "accept": "x/y"}
    async with door.post("/mcp", headers=given) as response:
        passed = (await response.json())["headers"]
    assert {name: passed[name] for name in passed if name.startswith("mcp-")} == {
        "mcp-method": "tools/list",
        "mcp-protocol-version": "2026-07-28",
    }
    async with door.post("/api/search", headers=given) as response:
        assert not [name for name in (await response.json())["headers"] if name.startswith("mcp-")]


async def test_what_a_client_claims_in_internal_headers_does_not_pass(door: aiohttp.ClientSession) -> None:
    forged = {
        "x-ragworks-principal": "key:somebody-else",
        "x-ragworks-token": "eyJhbGciOiJub25lIn0.e30.",
        "X-Ragworks-Anything": "1",
        "cookie": "session=1",
        "x-forwarded-for": "10.0.0.1",
    }
    async with door.get("/v1/models", headers=forged) as response:
        seen = await response.json()
    assert seen["principal"] == "key:operator"
    assert seen["headers"]["x-ragworks-token"] != forged["x-ragworks-token"]
    assert not {"x-ragworks-principal", "x-ragworks-anything", "cookie", "x-forwarded-for", "authorization"} & set(
        seen["headers"]
    )


async def test_a_query_passes_as_it_was_sent(door: aiohttp.ClientSession) -> None:
    async with door.get("/v1/files?purpose=a&include[]=x&include[]=y&empty=&text=a%20b%26c") as response:
        seen = await response.json()
    assert parse_qsl(seen["query"], keep_blank_values=True) == [
        ("purpose", "a"),
        ("include[]", "x"),
        ("include[]", "y"),
        ("empty", ""),
        ("text", "a b&c"),
    ]


async def test_a_request_id_is_kept_passed_on_and_echoed(door: aiohttp.ClientSession) -> None:
    async with door.get("/v1/models", headers={"x-request-id": "my-id-1"}) as response:
        seen = await response.json()
        assert response.headers["x-request-id"] == seen["headers"]["x-request-id"] == "my-id-1"


async def test_a_request_without_an_id_gets_one(door: aiohttp.ClientSession) -> None:
    async with door.get("/v1/models") as response:
        seen = await response.json()
        assert len(response.headers["x-request-id"]) == 32
        assert seen["headers"]["x-request-id"] == response.headers["x-request-id"]


async def test_a_trace_is_continued(door: aiohttp.ClientSession) -> None:
    trace_id = "a" * 31 + "1"
    async with door.get("/v1/models", headers={"traceparent": f"00-{trace_id}-{'b' * 16}-01"}) as response:
        seen = await response.json()
        assert response.headers["x-request-id"] == trace_id
    assert trace_id in seen["headers"]["traceparent"]


@pytest.mark.parametrize(
    "target",
    [
        "/internal/search",
        "/internal/anything",
        "/v1/files/../../internal/search",
        "/v1/files/%2e%2e/%2e%2e/internal/search",
        "/v1/files/%2e%2e%2f%2e%2e%2finternal%2fsearch",
        "/v1/files/..%2f..%2finternal",
        "/v1/files/%252e%252e/internal",
        "/v1/files/..\\..\\internal",
        "/v1/files/%5c..%5cinternal",
        "/v1/files//internal/search",
        "//internal/search",
        "/v1//files",
        "/v1/files/",
        "/v1/files/x%3Fa=b",
        "/v1/files/x%23y",
        "/v1/files/x%00",
        "/v1/files/./x",
        "/V1/models",
        "/v1/models/..",
        "/readyz/../internal/search",
        "/state",
    ],
)
def test_no_trick_with_the_path_reaches_another_inner_path(platform: Platform, target: str) -> None:
    status, body = raw_get(platform, target)
    assert status == 404, body
    assert '"not_found"' in body


def raw_get(platform: Platform, target: str) -> tuple[int, str]:
    """A GET whose target no client library tidies up."""
    connection = http.client.HTTPConnection(urlsplit(platform.url).netloc, timeout=30)
    connection.putrequest("GET", target, skip_accept_encoding=True)
    connection.putheader("authorization", f"Bearer {platform.key}")
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


async def test_an_unknown_path_is_named_in_the_answer(door: aiohttp.ClientSession) -> None:
    async with door.post("/v1/images/generations", json={}) as response:
        assert response.status == 404
        assert "POST /v1/images/generations" in error_of(await response.json())["message"]


async def test_a_wrong_method_is_told_the_right_ones(door: aiohttp.ClientSession) -> None:
    async with door.get("/v1/chat/completions") as response:
        assert response.status == 405
        assert response.headers["allow"] == "POST"
        error = error_of(await response.json())
    assert error["code"] == "method_not_allowed"
    assert error["message"] == "/v1/chat/completions does not take GET; it takes POST."


@pytest.mark.parametrize("body", [b'{"model": ', b"\xff\xfe", b"[1, 2]", b'"text"', b"model=a&stream=1", b"[" * 50_000])
async def test_malformed_json_never_reaches_a_service(
    door: aiohttp.ClientSession, platform: Platform, body: bytes
) -> None:
    before = await inner_counts(platform)
    async with door.post("/v1/chat/completions", data=body) as response:
        assert response.status == 400
        assert error_of(await response.json())["code"] == "invalid_json"
    assert (await inner_counts(platform))["calls"] == before["calls"]


async def test_a_foreign_host_name_is_refused(door: aiohttp.ClientSession) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "[::2]:80"):
        async with door.get("/v1/models", headers={"host": host}) as response:
            assert response.status == 400
            assert error_of(await response.json())["code"] == "wrong_host"


async def test_loopback_names_and_configured_hosts_are_served(door: aiohttp.ClientSession) -> None:
    for host in ("localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "rag.example", "rag.example:443"):
        async with door.get("/v1/models", headers={"host": host}) as response:
            assert response.status == 200, host


async def test_answers_cannot_be_sniffed_into_another_type(door: aiohttp.ClientSession) -> None:
    for path in ("/v1/models", "/", "/nothing"):
        async with door.get(path) as response:
            assert response.headers["x-content-type-options"] == "nosniff"


async def test_pages_of_an_allowed_origin_may_call_the_api(stranger: aiohttp.ClientSession) -> None:
    asks = {
        "origin": "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    async with stranger.options("/v1/chat/completions", headers=asks) as response:
        assert response.status == 200
        assert response.headers["access-control-allow-origin"] == "https://app.example"


async def test_pages_of_other_origins_may_not(stranger: aiohttp.ClientSession) -> None:
    asks = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    async with stranger.options("/v1/chat/completions", headers=asks) as response:
        assert "access-control-allow-origin" not in response.headers


async def test_the_front_page_says_what_this_is_and_where_the_key_lies(stranger: aiohttp.ClientSession) -> None:
    async with stranger.get("/") as response:
        assert response.status == 200
        page = await response.json()
    assert page["name"] == "Ragworks"
    assert "secrets/api.key" in page["key"]
    async with stranger.get("/version") as response:
        assert (await response.json())["version"] == page["version"]
