"""The road to the real model engine."""

import asyncio

import httpx2
import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from openai.types.chat import ChatCompletionMessageParam

from tests.engine import EngineEndpoint
from tests.processes import eventually

pytestmark = pytest.mark.engine

_QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Name a colour."}]
_TOO_LONG: list[ChatCompletionMessageParam] = [{"role": "user", "content": "word " * 20_000}]


async def test_a_chat_answer_comes_whole_with_its_usage(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    answer = await openai_client.chat.completions.create(model=engine.model, messages=_QUESTION, max_tokens=8)
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 8


async def test_a_streamed_chat_answer_equals_the_whole_one(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    whole = await openai_client.chat.completions.create(
        model=engine.model, messages=_QUESTION, max_tokens=8, temperature=0
    )
    stream = await openai_client.chat.completions.create(
        model=engine.model,
        messages=_QUESTION,
        max_tokens=8,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage is not None
    assert whole.usage is not None
    for counted in ("prompt_tokens", "completion_tokens", "total_tokens"):
        assert getattr(chunks[-1].usage, counted) == getattr(whole.usage, counted)


async def test_a_plain_prompt_is_completed(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    answer = await openai_client.completions.create(model=engine.model, prompt="One, two,", max_tokens=4)
    assert answer.choices[0].text


async def test_the_models_of_the_engine_are_listed_with_their_window(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    models = {model.id: model async for model in openai_client.models.list()}
    assert models[engine.model].model_dump()["max_model_len"] == 8192
    assert (await openai_client.models.retrieve(engine.model)).id == engine.model


async def test_the_tokens_of_a_conversation_can_be_counted(http: httpx2.AsyncClient, engine: EngineEndpoint) -> None:
    answer = await http.post("/tokenize", json={"model": engine.model, "messages": _QUESTION})
    assert answer.status_code == 200
    assert answer.json()["count"] > 4


async def test_an_unknown_model_is_named_beside_those_that_exist(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await openai_client.chat.completions.create(model="gpt-99", messages=_QUESTION)
    assert caught.value.code == "model_not_found"
    assert "gpt-99" in caught.value.message
    assert engine.model in caught.value.message


@pytest.mark.parametrize(
    ("messages", "max_tokens", "stream"),
    [(_TOO_LONG, 16, False), (_TOO_LONG, 16, True), (_QUESTION, 100_000, False)],
    ids=["long prompt", "long prompt streamed", "long answer"],
)
async def test_what_does_not_fit_the_window_is_refused_with_the_limit(
    openai_client: AsyncOpenAI,
    engine: EngineEndpoint,
    messages: list[ChatCompletionMessageParam],
    max_tokens: int,
    stream: bool,
) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai_client.chat.completions.create(
            model=engine.model, messages=messages, max_tokens=max_tokens, stream=stream
        )
    assert caught.value.code == "context_length_exceeded"
    assert "8192" in caught.value.message


async def test_a_parameter_the_engine_refuses_is_named(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai_client.chat.completions.create(model=engine.model, messages=_QUESTION, temperature=-3)
    assert caught.value.param == "temperature"
    assert caught.value.type == "invalid_request_error"


async def test_a_request_without_a_token_is_refused(inference: str) -> None:
    async with httpx2.AsyncClient(base_url=inference) as stranger:
        answer = await stranger.get("/v1/models")
    assert answer.status_code == 401


@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "whole"])
async def test_the_engine_stops_generating_when_the_client_leaves(
    http: httpx2.AsyncClient, engine: EngineEndpoint, streams: bool
) -> None:
    # Left alone, this would keep the engine busy for minutes.
    endless = {"model": engine.model, "messages": _QUESTION, "max_tokens": 3500, "ignore_eos": True, "stream": streams}
    async with httpx2.AsyncClient(base_url=engine.url) as metrics:

        async def is_idle() -> bool:
            return await _running_requests(metrics) == 0

        async def is_busy() -> bool:
            return not await is_idle()

        await eventually(is_idle, deadline_s=60, what="an idle engine")
        request = asyncio.ensure_future(http.post("/v1/chat/completions", json=endless))
        await eventually(is_busy, deadline_s=30, what="the engine to work on the request")
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await eventually(is_idle, deadline_s=30, what="the engine to stop")


async def _running_requests(metrics: httpx2.AsyncClient) -> float:
    lines = (await metrics.get("/metrics")).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("vllm:num_requests_running{"))
