"""Calls to another service: what is sent, and what its failures become."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import pytest
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from services.shared.kit.asgi import send_error, send_json
from services.shared.kit.auth import TOKEN_HEADER, ServiceVerifier
from services.shared.kit.context import principal, request_id
from services.shared.kit.errors import (
    ContextLengthError,
    InvalidRequestError,
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)
from services.shared.kit.http import ServiceClient
from tests.unit.kit.conftest import AlphaSettings
from tests.unit.kit.servers import serving


async def beta_app(scope: Scope, _: Receive, send: Send) -> None:
    """The other service: fails as its path says."""
    match scope["path"]:
        case "/refuses":
            await send_error(send, ContextLengthError("Too long.", param="messages"))
        case "/busy":
            await send_error(send, UnavailableError("Restarting.", retry_after_seconds=9))
        case "/nonsense":
            await send_json(send, 502, ["not", "an", "error"])
        case "/text":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"<html>"})
        case "/empty":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        case "/hangs":
            await asyncio.sleep(30)
        case "/breaks":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
            await send({"type": "http.response.body", "body": b"12345", "more_body": True})
        case "/readyz":
            checks = {"index": "is not up", "model": "ready"}
            await send_json(send, 503, {"status": "not_ready", "checks": checks})
        case _:
            query = scope["query_string"].decode()
            await send_json(send, 200, {"headers": dict(Headers(scope=scope)), "query": query, "path": scope["path"]})


async def quietly(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await beta_app(scope, receive, send)


@pytest.fixture
async def beta(alpha: AlphaSettings) -> AsyncGenerator[ServiceClient]:
    async with serving(quietly) as url, ServiceClient(url, audience="beta", settings=alpha) as client:
        yield client


async def test_a_call_carries_a_token_for_itself_the_principal_and_the_request_id(
    beta: ServiceClient, alpha: AlphaSettings
) -> None:
    principal.set("key:1")
    request_id.set("id-1")
    seen = await beta.get_json("/echo", params={"a": "1 2"})
    assert isinstance(seen, dict)
    assert seen["headers"]["x-request-id"] == "id-1"
    assert seen["headers"]["accept-encoding"] == "identity"
    caller = ServiceVerifier("beta", alpha.secret("internal")).verify(
        seen["headers"][TOKEN_HEADER], method="GET", path="/echo"
    )
    assert (caller.service, caller.principal) == ("alpha", "key:1")


async def test_a_server_that_is_not_ours_gets_its_key_and_no_token(alpha: AlphaSettings) -> None:
    async with (
        serving(quietly) as url,
        ServiceClient(url, audience="engine", settings=alpha, bearer="engine-key") as engine,
    ):
        seen = await engine.get_json("/echo")
    assert isinstance(seen, dict)
    assert seen["headers"]["authorization"] == "Bearer engine-key"
    assert TOKEN_HEADER not in seen["headers"]


@pytest.mark.parametrize("query", ["a=1&a=2&b=", "a=%26%25&b=x%20y", "include%5B%5D=x"])
async def test_a_query_given_as_text_passes_as_it_is(beta: ServiceClient, query: str) -> None:
    seen = await beta.get_json("/echo", params=query)
    assert isinstance(seen, dict)
    assert seen["query"] in {query, query.replace("%5B%5D", "[]")}


async def test_a_path_in_any_script_is_signed_as_the_other_side_reads_it(
    beta: ServiceClient, alpha: AlphaSettings
) -> None:
    seen = await beta.get_json("/echo/café au lait")
    assert isinstance(seen, dict)
    assert seen["path"] == "/echo/café au lait"
    verifier = ServiceVerifier("beta", alpha.secret("internal"))
    verifier.verify(seen["headers"][TOKEN_HEADER], method="GET", path=seen["path"])


async def test_an_error_answer_is_raised_as_the_error_it_was(beta: ServiceClient) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        await beta.post_json("/refuses", {})
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "messages")
    with pytest.raises(UnavailableError) as busy:
        await beta.get_json("/busy")
    assert busy.value.retry_after_seconds == 9


@pytest.mark.parametrize("path", ["/nonsense", "/text", "/breaks"])
async def test_an_answer_that_makes_no_sense_is_an_upstream_error(beta: ServiceClient, path: str) -> None:
    with pytest.raises(UpstreamError, match="beta"):
        await beta.get_json(path)


async def test_an_empty_answer_is_none(beta: ServiceClient) -> None:
    assert await beta.request_json("DELETE", "/empty") is None


async def test_a_service_that_does_not_answer_in_time_is_a_timeout(beta: ServiceClient) -> None:
    with pytest.raises(UpstreamTimeoutError, match="beta did not answer in time"):
        await beta.get_json("/hangs")


async def test_a_service_that_is_down_is_unavailable_and_worth_another_try(alpha: AlphaSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with ServiceClient(f"http://127.0.0.1:{port}", audience="beta", settings=alpha) as client:
        with pytest.raises(UnavailableError) as down:
            await client.get_json("/echo")
    assert down.value.retry_after_seconds is not None


async def test_a_service_that_drops_the_connection_is_unavailable(alpha: AlphaSettings) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, ServiceClient(f"http://127.0.0.1:{port}", audience="beta", settings=alpha) as client:
        with pytest.raises(UnavailableError):
            await client.post_json("/echo", {})


async def test_what_is_not_ready_is_named(beta: ServiceClient) -> None:
    with pytest.raises(UnavailableError) as unready:
        await beta.check()
    assert unready.value.message == "beta is not ready yet (index: is not up)."


async def test_a_client_that_was_not_opened_says_so(alpha: AlphaSettings) -> None:
    with pytest.raises(UnavailableError, match="not open"):
        await ServiceClient("http://127.0.0.1:1", audience="beta", settings=alpha).get_json("/echo")
