"""What every service has in common, seen through a socket."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator

import aiohttp
import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from services.shared.kit.app import create_app
from services.shared.kit.asgi import read_body, send_json
from services.shared.kit.auth import TOKEN_HEADER, ServiceSigner
from services.shared.kit.context import principal, request_id
from services.shared.kit.errors import ContextLengthError, UnavailableError
from tests.processes import REPOSITORY
from tests.unit.kit.conftest import AlphaSettings, BetaSettings
from tests.unit.kit.servers import serving

MAX_BODY_BYTES = 1000


class Note(BaseModel):
    """A body."""

    text: str
    stars: int = 0


router = APIRouter()


@router.get("/who")
async def who() -> dict[str, str | None]:
    return {"principal": principal.get(), "request_id": request_id.get()}


@router.post("/notes")
async def add_note(note: Note) -> Note:
    return note


@router.get("/fails/{how}")
async def fails(how: str) -> None:
    if how == "expected":
        raise ContextLengthError("Too long by 3 tokens.", param="messages")
    if how == "unavailable":
        raise UnavailableError("Down.", retry_after_seconds=7)
    raise RuntimeError("secret detail")


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """A plain ASGI route, as hot paths are."""
    if scope["path"].endswith("/break"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        raise RuntimeError("after the answer began")
    await send_json(send, 200, {"size": len(await read_body(receive, max_bytes=10**9))})


async def asleep() -> None:
    await asyncio.sleep(60)


async def anyone(_: Scope, __: Headers) -> str | None:
    return "somebody"


@pytest.fixture
async def open_door(beta: BetaSettings) -> AsyncGenerator[aiohttp.ClientSession]:
    """A service that asks nobody for a token."""
    app = create_app(
        beta,
        title="beta",
        routers=[router],
        raw_routes=[Mount("/raw", raw)],
        authenticate=anyone,
        max_body_bytes=MAX_BODY_BYTES,
    )
    async with serving(app) as url, aiohttp.ClientSession(url) as client:
        yield client


async def body_of(response: aiohttp.ClientResponse) -> dict[str, str]:
    return dict((await response.json())["error"])


async def test_only_signed_requests_are_served(beta: BetaSettings, alpha: AlphaSettings) -> None:
    app = create_app(beta, title="beta", routers=[router])
    signer = ServiceSigner("alpha", alpha.secret("internal"))
    async with serving(app) as url, aiohttp.ClientSession(url) as client:
        async with client.get("/who") as response:
            assert response.status == 401
            assert (await body_of(response))["code"] == "invalid_api_key"
        token = signer.token(audience="beta", method="GET", path="/who", principal="key:1")
        async with client.get("/who", headers={TOKEN_HEADER: token}) as response:
            assert (await response.json())["principal"] == "key:1"
        async with client.get("/fails/x", headers={TOKEN_HEADER: token}) as response:
            assert response.status == 401
        for open_path in ("/healthz", "/readyz", "/metrics"):
            async with client.get(open_path) as response:
                assert response.status == 200


async def test_a_request_id_is_kept_unless_it_is_unfit_for_a_log(open_door: aiohttp.ClientSession) -> None:
    async with open_door.get("/who", headers={"x-request-id": "abc-1"}) as response:
        assert (await response.json())["request_id"] == response.headers["x-request-id"] == "abc-1"
    for unfit in ("a\tb", "ü", "x" * 200):
        async with open_door.get("/who", headers={"x-request-id": unfit}) as response:
            assert response.headers["x-request-id"] != unfit
            assert len(response.headers["x-request-id"]) == 32


async def test_an_expected_error_keeps_its_status_code_and_headers(open_door: aiohttp.ClientSession) -> None:
    async with open_door.get("/fails/expected") as response:
        assert response.status == 400
        error = await body_of(response)
    assert (error["code"], error["param"]) == ("context_length_exceeded", "messages")
    async with open_door.get("/fails/unavailable") as response:
        assert (response.status, response.headers["retry-after"]) == (503, "7")


async def test_an_unexpected_error_tells_the_client_its_id_and_nothing_else(open_door: aiohttp.ClientSession) -> None:
    async with open_door.get("/fails/unexpected", headers={"x-request-id": "id-of-it"}) as response:
        assert response.status == 500
        assert response.headers["x-request-id"] == "id-of-it"
        error = await body_of(response)
    assert error["code"] == "internal_error"
    assert "secret detail" not in error["message"]


def test_an_unexpected_error_is_logged_with_its_trace_under_its_request_id() -> None:
    command = [sys.executable, "-m", "tests.unit.kit.failing_service"]
    output = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, timeout=60).stdout
    logged, served = (json.loads(line) for line in output.splitlines())
    assert logged["event"] == "unexpected_error"
    assert logged["request_id"] == served["request_id"] == "id-of-it"
    assert "RuntimeError: secret detail" in logged["exception"]
    assert (served["event"], served["status"], served["service"]) == ("request_served", 500, "beta")


async def test_an_error_after_the_answer_began_closes_the_connection(open_door: aiohttp.ClientSession) -> None:
    async with open_door.get("/raw/break") as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_a_wrong_field_is_named(open_door: aiohttp.ClientSession) -> None:
    async with open_door.post("/notes", json={"text": "a", "stars": "many"}) as response:
        assert response.status == 400
        error = await body_of(response)
    assert error["param"] == "stars"
    assert "valid integer" in error["message"]


async def test_malformed_json_is_refused(open_door: aiohttp.ClientSession) -> None:
    headers = {"content-type": "application/json"}
    async with open_door.post("/notes", data=b'{"text": ', headers=headers) as response:
        assert response.status == 400
        assert (await body_of(response))["code"] == "invalid_json"


async def test_unknown_paths_and_wrong_methods_have_the_same_shape(open_door: aiohttp.ClientSession) -> None:
    async with open_door.get("/nowhere") as response:
        assert response.status == 404
        error = await body_of(response)
    assert error["code"] == "not_found"
    assert error["message"] == "Not Found: GET /nowhere"
    async with open_door.delete("/who") as response:
        assert response.status == 405
        assert response.headers["allow"] == "GET"
        assert (await body_of(response))["code"] == "method_not_allowed"


async def counted_body() -> AsyncGenerator[bytes]:
    for _ in range(20):
        yield b'{"text": "' + b"x" * 80


@pytest.mark.parametrize("path", ["/notes", "/raw/size"])
async def test_a_body_over_the_limit_is_refused_whether_declared_or_counted(
    open_door: aiohttp.ClientSession, path: str
) -> None:
    headers = {"content-type": "application/json"}
    for body in (b"x" * (MAX_BODY_BYTES + 1), counted_body()):
        async with open_door.post(path, data=body, headers=headers) as response:
            assert response.status == 413
            assert "1,000 bytes" in (await body_of(response))["message"]


async def test_a_body_at_the_limit_passes(open_door: aiohttp.ClientSession) -> None:
    async with open_door.post("/raw/size", data=b"x" * MAX_BODY_BYTES) as response:
        assert await response.json() == {"size": MAX_BODY_BYTES}


async def test_readiness_asks_all_parts_at_once_and_waits_for_none_for_long(beta: BetaSettings) -> None:
    async def missing() -> None:
        raise UnavailableError("the model is loading")

    async def fine() -> None:
        pass

    checks = {"slow": asleep, "slower": asleep, "model": missing, "disk": fine}
    async with (
        serving(create_app(beta, title="beta", ready_checks=checks)) as url,
        aiohttp.ClientSession(url) as client,
        asyncio.timeout(4),
        client.get("/readyz") as response,
    ):
        assert response.status == 503
        assert await response.json() == {
            "status": "not_ready",
            "checks": {
                "slow": "did not answer within 2 seconds",
                "slower": "did not answer within 2 seconds",
                "model": "the model is loading",
                "disk": "ready",
            },
        }


async def test_requests_are_counted_by_route_and_status(open_door: aiohttp.ClientSession) -> None:
    async with open_door.get("/fails/unavailable"):
        pass
    async with open_door.get("/metrics") as response:
        metrics = await response.text()
    assert 'http_server_request_duration_seconds_count{method="GET",route="/fails/{how}",status="503"}' in metrics
