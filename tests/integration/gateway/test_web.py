"""The web pages and the sessions of those who use them."""

import sqlite3
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from tests.integration.gateway.conftest import START_S, Platform, client_of
from tests.processes import running

HTML = {"accept": "text/html,application/xhtml+xml"}
FROM_OUR_PAGE = {"x-ragworks-page": "1"}
COOKIE = "ragworks_session"


@pytest.fixture
async def browser(platform: Platform) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client that keeps cookies, signed in with a key of its own."""
    async with client_of(platform) as door, door.post("/api/keys", json={"name": "browser"}) as response:
        key = (await response.json())["key"]
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address
    async with aiohttp.ClientSession(platform.url, cookie_jar=jar) as client:
        async with client.post("/api/session", headers={"authorization": f"Bearer {key}"}) as response:
            assert response.status == 201
        yield client


async def test_a_browser_gets_the_page_at_every_address_of_it(stranger: aiohttp.ClientSession) -> None:
    for path in ("/", "/chat", "/chat/conv_1", "/console", "/console/jobs/job-1", "/sign-in"):
        async with stranger.get(path, headers=HTML) as response:
            assert response.status == 200, path
            assert response.content_type == "text/html"
            policy = response.headers["content-security-policy"]
            assert response.headers["x-frame-options"] == "DENY"
            assert response.headers["cache-control"] == "no-cache"
        assert "unsafe-inline" not in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy


async def test_a_monitor_that_only_asks_for_headers_gets_those_of_the_page(stranger: aiohttp.ClientSession) -> None:
    for path in ("/", "/chat", "/version"):
        async with stranger.head(path, headers=HTML) as head, stranger.get(path, headers=HTML) as page:
            assert head.status == 200, path
            assert head.headers.get("etag") == page.headers.get("etag")
            assert await head.read() == b""


async def test_assets_may_be_kept_for_ever_and_are_packed(stranger: aiohttp.ClientSession) -> None:
    async with stranger.get("/assets/index-0123.js", headers={"accept-encoding": "gzip"}) as response:
        assert response.status == 200
        assert response.content_type == "text/javascript"
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-encoding"] == "gzip"
        etag = response.headers["etag"]
    async with stranger.get("/assets/index-0123.js", headers={"if-none-match": etag}) as response:
        assert response.status == 304


@pytest.mark.parametrize("path", ["/assets/nothing.js", "/assets/..%2findex.html", "/assets/%2e%2e/secrets/api.key"])
async def test_nothing_but_the_built_assets_is_served(stranger: aiohttp.ClientSession, path: str) -> None:
    async with stranger.get(path) as response:
        assert response.status in {401, 404}


async def test_a_platform_without_built_pages_says_so(own_platform: Platform) -> None:
    ready = f"{own_platform.url}/healthz"
    with running("services.gateway", own_platform.environment, ready=ready, deadline_s=START_S):
        async with aiohttp.ClientSession(own_platform.url) as client:
            async with client.get("/", headers=HTML) as response:
                assert "make prepare" in (await response.json())["web"]
            async with client.get("/chat") as response:
                assert response.status == 404
                assert "make prepare" in await response.text()


async def test_a_session_stands_for_its_key(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/v1/models", headers=FROM_OUR_PAGE) as response:
        assert response.status == 200
        seen = (await response.json())["principal"]
    async with browser.get("/api/session", headers=FROM_OUR_PAGE) as response:
        session = await response.json()
    assert (session["principal"], session["name"], session["operator"]) == (seen, "browser", False)


async def test_no_script_and_no_other_site_can_use_the_cookie(platform: Platform) -> None:
    async with client_of(platform) as client, client.post("/api/session") as response:
        kept = response.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept
    assert "Max-Age=" in kept
    assert "Secure" not in kept
    forwarded = {"x-forwarded-proto": "https"}
    async with client_of(platform) as client, client.post("/api/session", headers=forwarded) as response:
        assert "Secure" in response.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ragworks-page": "1", "origin": "https://evil.example"},
        {"x-ragworks-page": "1", "origin": "http://127.0.0.1:1"},
        {"x-ragworks-page": "1", "origin": "null"},
        {"x-ragworks-page": "1", "sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_foreign_page_cannot_use_the_cookie(
    browser: aiohttp.ClientSession, method: str, headers: dict[str, str]
) -> None:
    async with browser.request(method, "/api/collections/docs", headers=headers) as response:
        assert response.status == 401
        assert (await response.json())["error"]["code"] == "foreign_page"


async def test_our_own_page_may_post_with_its_origin(browser: aiohttp.ClientSession, platform: Platform) -> None:
    headers = {**FROM_OUR_PAGE, "origin": platform.url, "sec-fetch-site": "same-origin"}
    async with browser.post("/v1/chat/completions", json={"model": "m"}, headers=headers) as response:
        assert response.status == 200


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(
    browser: aiohttp.ClientSession, platform: Platform
) -> None:
    copy = {cookie.key: cookie.value for cookie in browser.cookie_jar}
    async with browser.delete("/api/session", headers=FROM_OUR_PAGE) as response:
        assert response.status == 204
    async with (
        aiohttp.ClientSession(platform.url, cookies=copy) as thief,
        thief.get("/v1/models", headers=FROM_OUR_PAGE) as response,
    ):
        assert response.status == 401


async def test_revoking_a_key_ends_its_sessions(browser: aiohttp.ClientSession, door: aiohttp.ClientSession) -> None:
    async with browser.get("/api/session", headers=FROM_OUR_PAGE) as response:
        key_id = (await response.json())["principal"].removeprefix("key:")
    async with door.delete(f"/api/keys/{key_id}"):
        pass
    async with browser.get("/v1/models", headers=FROM_OUR_PAGE) as response:
        assert response.status == 401
        assert (await response.json())["error"]["code"] == "session_over"


async def test_the_cookie_is_kept_nowhere_on_the_server(browser: aiohttp.ClientSession, platform: Platform) -> None:
    (secret,) = (cookie.value for cookie in browser.cookie_jar if cookie.key == COOKIE)
    with sqlite3.connect(platform.home / "db" / "gateway.sqlite") as database:
        dump = "\n".join(database.iterdump())
    assert "web_sessions" in dump
    assert secret not in dump


async def test_what_the_api_answers_cannot_run_in_a_browser(door: aiohttp.ClientSession) -> None:
    for path in ("/v1/models", "/api/keys", "/nothing"):
        async with door.get(path) as response:
            assert "sandbox" in response.headers["content-security-policy"], path
