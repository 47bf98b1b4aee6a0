"""What the official client may ask of a model beside plain text, through the service, of the real engine."""

import json

import pytest
from openai import AsyncOpenAI, BadRequestError
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.engine import EngineEndpoint

pytestmark = pytest.mark.engine

_QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Name a colour."}]
_SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
_TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "ferry", "parameters": {"type": "object", "properties": {"to": {"enum": ["Oslo"]}}}},
}


async def test_an_answer_keeps_to_the_schema_it_is_given(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    answer = await openai_client.chat.completions.create(
        model=engine.model,
        messages=_QUESTION,
        max_tokens=40,
        temperature=0,
        response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": dict(_SCHEMA), "strict": True}},
    )
    assert json.loads(answer.choices[0].message.content or "")["colour"] in {"red", "green"}


async def test_a_schema_that_is_none_is_refused(openai_client: AsyncOpenAI, engine: EngineEndpoint) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai_client.chat.completions.create(
            model=engine.model,
            messages=_QUESTION,
            max_tokens=8,
            response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": {"type": "colour"}}},
        )
    assert caught.value.type == "invalid_request_error"


async def test_a_tool_that_the_engine_was_not_started_for_is_refused_with_its_advice(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    with pytest.raises(BadRequestError, match="--tool-call-parser"):
        await openai_client.chat.completions.create(
            model=engine.model,
            messages=_QUESTION,
            max_tokens=40,
            tools=[_TOOL],
            tool_choice={"type": "function", "function": {"name": "ferry"}},
        )


async def test_several_choices_come_with_their_log_probabilities(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    answer = await openai_client.chat.completions.create(
        model=engine.model, messages=_QUESTION, max_tokens=4, n=2, logprobs=True, top_logprobs=2
    )
    assert [choice.index for choice in answer.choices] == [0, 1]
    for choice in answer.choices:
        assert choice.logprobs is not None
        tokens = choice.logprobs.content or []
        assert 1 <= len(tokens) <= 4
        assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens)


async def test_one_seed_gives_one_answer_and_a_stop_string_ends_it(
    openai_client: AsyncOpenAI, engine: EngineEndpoint
) -> None:
    first, second = [
        await openai_client.chat.completions.create(
            model=engine.model, messages=_QUESTION, max_tokens=12, temperature=1.5, seed=7
        )
        for _ in range(2)
    ]
    assert first.choices[0].message.content == second.choices[0].message.content
    stopped = await openai_client.completions.create(
        model=engine.model, prompt="1, 2, 3, 4,", max_tokens=16, temperature=0, stop=[","]
    )
    assert stopped.choices[0].finish_reason == "stop"
    assert "," not in stopped.choices[0].text


@pytest.mark.parametrize("wanted", [True, False], ids=["wanted", "not wanted"])
async def test_a_stream_tells_its_usage_once_and_only_where_it_is_wanted(
    openai_client: AsyncOpenAI, engine: EngineEndpoint, wanted: bool
) -> None:
    stream = await openai_client.chat.completions.create(
        model=engine.model,
        messages=_QUESTION,
        max_tokens=6,
        stream=True,
        stream_options={"include_usage": wanted},
    )
    told = [chunk.usage for chunk in [chunk async for chunk in stream] if chunk.usage is not None]
    assert len(told) == wanted
    assert all(usage.completion_tokens <= 6 for usage in told)


@pytest.mark.parametrize("tokens", [-1, 0], ids=str)
async def test_an_answer_of_no_tokens_is_refused(
    openai_client: AsyncOpenAI, engine: EngineEndpoint, tokens: int
) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai_client.chat.completions.create(model=engine.model, messages=_QUESTION, max_tokens=tokens)
    assert caught.value.type == "invalid_request_error"
    assert "max_tokens" in caught.value.message or caught.value.param == "max_tokens"
