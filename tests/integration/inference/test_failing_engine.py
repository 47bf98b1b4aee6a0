"""What a caller sees when the engine is absent, silent, breaks off or is lost, and that it recovers by itself."""

import asyncio
from typing import cast

import httpx2
import pytest
from openai import APIError, AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from tests.faulty_engine import MODEL, running_faulty_engine
from tests.integration.inference.conftest import FaultyPlace
from tests.signed import Signed

_CHAT = "/v1/chat/completions"


def _ask(fault: str, *, stream: bool = False) -> dict[str, object]:
    return {"model": MODEL, "messages": [{"role": "user", "content": fault}], "stream": stream}


def _error(answer: httpx2.Response) -> dict[str, str]:
    return cast("dict[str, dict[str, str]]", answer.json())["error"]


async def test_an_absent_engine_is_503_until_it_is_back(
    faulty_http: httpx2.AsyncClient, faulty_place: FaultyPlace
) -> None:
    answer = await faulty_http.post(_CHAT, json=_ask("hello"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert _error(answer)["code"] == "engine_unavailable"
    async with running_faulty_engine(faulty_place.engine_port):
        answer = await faulty_http.post(_CHAT, json=_ask("hello"))
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "fine"
    answer = await faulty_http.post(_CHAT, json=_ask("hello", stream=True))
    assert answer.status_code == 503


async def test_readiness_says_what_is_missing(faulty_place: FaultyPlace) -> None:
    async with httpx2.AsyncClient(base_url=faulty_place.url) as anyone:
        answer = await anyone.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["engine"] != "ready"
        async with running_faulty_engine(faulty_place.engine_port):
            answer = await anyone.get("/readyz")
    assert answer.json()["checks"]["engine"] == "ready"


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("stay silent", 504, "engine_timeout"),
        ("cut after the headers", 503, "engine_unavailable"),
        ("answer 500", 502, "engine_error"),
        ("answer 500 without JSON", 502, "engine_error"),
        ("answer that the core is dead", 503, "engine_unavailable"),
    ],
)
async def test_an_engine_that_fails_before_its_first_token_is_a_clean_error(
    faulty_http: httpx2.AsyncClient, faulty_place: FaultyPlace, fault: str, status: int, code: str, stream: bool
) -> None:
    async with running_faulty_engine(faulty_place.engine_port):
        answer = await faulty_http.post(_CHAT, json=_ask(fault, stream=stream))
    assert answer.status_code == status
    assert _error(answer)["code"] == code
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("cut after two words", "stream_interrupted"),
        ("fall silent after two words", "engine_timeout"),
        ("report an error after two words", "engine_error"),
    ],
)
async def test_a_stream_that_breaks_ends_with_an_error_that_clients_raise(
    faulty_place: FaultyPlace, fault: str, code: str
) -> None:
    words: list[str] = []
    async with (
        running_faulty_engine(faulty_place.engine_port),
        httpx2.AsyncClient(auth=Signed("inference")) as http,
        AsyncOpenAI(base_url=f"{faulty_place.url}/v1", api_key="unused", http_client=http) as client,
    ):
        stream = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": fault}], stream=True
        )
        with pytest.raises(APIError) as caught:
            await _collect(stream, words)
    assert words == ["word ", "word "]
    assert caught.value.code == code


async def _collect(stream: AsyncStream[ChatCompletionChunk], words: list[str]) -> None:
    async for chunk in stream:
        words.append(chunk.choices[0].delta.content or "")  # noqa: PERF401 - what came before the error is kept


@pytest.mark.parametrize("fault", ["stay silent", "fall silent after two words"])
async def test_the_engines_request_is_closed_when_the_client_leaves(
    faulty_http: httpx2.AsyncClient, faulty_place: FaultyPlace, fault: str
) -> None:
    async with running_faulty_engine(faulty_place.engine_port) as engine:
        with pytest.raises(httpx2.ReadTimeout):
            await faulty_http.post(_CHAT, json=_ask(fault), timeout=0.4)
        async with asyncio.timeout(0.6):  # before the deadlines of the service would close it anyway
            await engine.left.wait()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"model": "faulty", ', "invalid_json"),
        (b'["faulty"]', "invalid_json"),
        (b"", "invalid_json"),
        (b'{"messages": []}', "missing_model"),
        (b'{"model": 7, "messages": []}', "missing_model"),
    ],
)
async def test_a_malformed_request_never_reaches_the_engine(
    faulty_http: httpx2.AsyncClient, faulty_place: FaultyPlace, body: bytes, code: str
) -> None:
    async with running_faulty_engine(faulty_place.engine_port) as engine:
        answer = await faulty_http.post(_CHAT, content=body)
        assert engine.requests == 0
    assert answer.status_code == 400
    assert _error(answer)["code"] == code


async def test_a_body_over_the_limit_is_refused_with_the_limit(faulty_http: httpx2.AsyncClient) -> None:
    answer = await faulty_http.post(_CHAT, json=_ask("x" * 70_000))
    assert answer.status_code == 413
    assert "65,536" in _error(answer)["message"]


async def test_a_method_that_does_not_fit_is_refused(faulty_http: httpx2.AsyncClient) -> None:
    assert (await faulty_http.get(_CHAT)).status_code == 405


async def test_answers_are_counted_under_the_standard_names(
    faulty_http: httpx2.AsyncClient, faulty_place: FaultyPlace
) -> None:
    async with running_faulty_engine(faulty_place.engine_port):
        await faulty_http.post(_CHAT, json=_ask("hello"))
    metrics = (await faulty_http.get("/metrics")).text
    labels = 'gen_ai_operation_name="chat",gen_ai_request_model="faulty"'
    assert f'gen_ai_client_token_usage_sum{{{labels},gen_ai_token_type="input"}}' in metrics
    assert f'gen_ai_server_request_duration_seconds_count{{error_type="",{labels}}}' in metrics
