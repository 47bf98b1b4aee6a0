"""The road to the real model engine."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import httpx
import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError

from tests.engine import EngineEndpoint

pytestmark = pytest.mark.engine

_QUESTION = [{"role": "user", "content": "Name a colour."}]


async def test_a_chat_answer_comes_whole_with_its_usage(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    answer = await openai_client.chat.completions.create(model=engine.model, messages=_QUESTION, max_tokens=8)  # type: ignore[call-overload]
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 8


async def test_a_streamed_chat_answer_equals_the_whole_one(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    request = {"model": engine.model, "messages": _QUESTION, "max_tokens": 12, "temperature": 0, "seed": 1}
    whole = await openai_client.chat.completions.create(**request)  # type: ignore[call-overload]
    stream = await openai_client.chat.completions.create(  # type: ignore[call-overload]
        **request, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


async def test_a_plain_prompt_is_completed(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    answer = await openai_client.completions.create(model=engine.model, prompt="One, two,", max_tokens=4)
    assert answer.choices[0].text


async def test_the_models_of_the_engine_are_listed_with_their_window(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    models = {model.id: model async for model in openai_client.models.list()}
    assert models[engine.model].model_dump()["max_model_len"] == 4096
    assert (await openai_client.models.retrieve(engine.model)).id == engine.model


async def test_the_tokens_of_a_conversation_can_be_counted(http: httpx.AsyncClient, engine: EngineEndpoint) -> None:
    answer = await http.post("/tokenize", json={"model": engine.model, "messages": _QUESTION})
    assert answer.status_code == 200
    assert answer.json()["count"] > 4


async def test_an_unknown_model_is_named_beside_those_that_exist(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await openai_client.chat.completions.create(model="gpt-99", messages=_QUESTION)  # type: ignore[arg-type]
    assert caught.value.code == "model_not_found"
    assert "gpt-99" in caught.value.message
    assert engine.model in caught.value.message


@pytest.mark.parametrize(
    "request_body",
    [
        {"messages": [{"role": "user", "content": "word " * 20_000}]},
        {"messages": _QUESTION, "max_tokens": 100_000},
        {"messages": [{"role": "user", "content": "word " * 20_000}], "stream": True},
    ],
    ids=["long prompt", "long answer", "long prompt streamed"],
)
async def test_what_does_not_fit_the_window_is_refused_with_the_limit(
    openai_client: AsyncOpenAI, engine: EngineEndpoint, request_body: dict[str, object]
) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai_client.chat.completions.create(model=engine.model, **request_body)  # type: ignore[call-overload]
    assert caught.value.code == "context_length_exceeded"
    assert "4096" in caught.value.message


async def test_a_parameter_the_engine_refuses_is_named(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai_client.chat.completions.create(model=engine.model, messages=_QUESTION, temperature=-3)  # type: ignore[arg-type]
    assert caught.value.param == "temperature"
    assert caught.value.type == "invalid_request_error"


async def test_a_request_without_a_token_is_refused(inference: str) -> None:
    async with httpx.AsyncClient(base_url=inference) as stranger:
        answer = await stranger.get("/v1/models")
    assert answer.status_code == 401


@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "whole"])
async def test_the_engine_stops_generating_when_the_client_leaves(
    http: httpx.AsyncClient, engine: EngineEndpoint, streams: bool
) -> None:
    endless = {"model": engine.model, "messages": _QUESTION, "max_tokens": 3500, "ignore_eos": True, "stream": streams}
    async with httpx.AsyncClient(base_url=engine.url) as metrics:
        aborted = await _aborted(metrics)
        with suppress(httpx.ReadTimeout):
            async with asyncio.timeout(60):
                async for _ in _words_until(http, endless, generating=metrics):
                    pass
        async with asyncio.timeout(15):
            while await _aborted(metrics) <= aborted:
                await asyncio.sleep(0.1)


async def _words_until(
    http: httpx.AsyncClient, body: dict[str, object], *, generating: httpx.AsyncClient
) -> AsyncGenerator[None]:
    """Send the request and leave once the engine works on it."""
    before = await _metric(generating, "vllm:generation_tokens_total")
    request = asyncio.ensure_future(http.post("/v1/chat/completions", json=body))
    while await _metric(generating, "vllm:generation_tokens_total") < before + 5:
        assert not request.done(), request.result().text
        yield
        await asyncio.sleep(0.1)
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)


async def _aborted(metrics: httpx.AsyncClient) -> float:
    return await _metric(metrics, "vllm:request_success_total", 'finished_reason="abort"')


async def _metric(metrics: httpx.AsyncClient, name: str, label: str = "") -> float:
    text = (await metrics.get("/metrics")).text
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + "{") and label in line
    )
