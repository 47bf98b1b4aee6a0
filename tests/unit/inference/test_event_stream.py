"""Events on their way: taken apart by the network, put together for the client, and noted for a continuation."""

from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inference.domain.event_stream import Delivered, EventStream, Wishes
from services.inference.domain.resume import Complete, Continuation, can_be_resumed, continuation

_HEAD = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'


def _event(delta: str, tokens: str, *, finish: str = "null", written: int = 1) -> str:
    usage = f'"usage":{{"prompt_tokens":3,"total_tokens":4,"completion_tokens":{written},"d":{{"x":null}}}}'
    ids = f',"token_ids":[{tokens}]' if tokens else ""
    return f'data: {_HEAD}{delta},"logprobs":null,"finish_reason":{finish}{ids}}}],{usage}}}\n\n'


_ROLE = _event('{"role":"assistant","content":""}', "")[:-3] + ',"prompt_token_ids":[7,8,9],"prompt_text":null}\n\n'
_STREAM = (
    _ROLE
    + _event('{"content":"x,\\"usage\\":{\\"token_ids\\":[1]}"}', "100")
    + _event('{"content":""}', "101")
    + _event('{"content":"é"}', "102,103")
    + _event('{"content":""}', "104")
)
_USAGE = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"total_tokens":8,"completion_tokens":5}}\n\n'
_END = _USAGE + "data: [DONE]\n\n"


@given(st.lists(st.integers(1, len((_STREAM + _END).encode()) - 1), max_size=8))
def test_however_it_is_cut_the_client_gets_whole_events_without_our_extras(cuts: list[int]) -> None:
    raw, delivered = (_STREAM + _END).encode(), Delivered()
    stream = EventStream(is_ours=True, wishes=Wishes(), delivered=delivered)
    places = [0, *sorted(cuts), len(raw)]
    pieces = [stream.feed(raw[start:end]) for start, end in pairwise(places)]
    assert all(piece == b"" or piece.endswith(b"\n\n") for piece in pieces)
    events = [event.removeprefix(b"data: ") for event in b"".join(pieces).split(b"\n\n") if event]
    assert events.pop() == b"[DONE]"
    contents = [orjson.loads(event)["choices"][0]["delta"]["content"] for event in events]
    assert contents == ["", 'x,"usage":{"token_ids":[1]}', "", "é", ""]
    assert all(orjson.loads(event).keys() == {"id", "object", "created", "model", "choices"} for event in events)
    assert stream.is_done
    assert delivered.token_ids() == [100, 101, 102, 103]  # what follows is half a character


def test_what_the_client_asked_for_is_left_in() -> None:
    for wishes in (Wishes(usage=True, usage_in_each=True), Wishes(usage=True, token_ids=True)):
        stream = EventStream(is_ours=True, wishes=wishes, delivered=Delivered())
        assert stream.feed((_STREAM + _END).encode()) == (_STREAM + _END).encode()
    stream = EventStream(is_ours=True, wishes=Wishes(usage=True), delivered=None)
    assert stream.feed((_STREAM + _END).encode()).count(b'"usage":{') == 1


def test_a_report_of_failure_is_kept_back_and_what_came_before_is_not() -> None:
    stream = EventStream(is_ours=True, wishes=Wishes(), delivered=None)
    out = stream.feed(
        (_event('{"content":"a"}', "1") + 'data: {"error":{"message":"dead"}}\n\ndata: [DONE]\n\n').encode()
    )
    assert out.count(b"\n\n") == 1
    assert stream.error == b'{"error":{"message":"dead"}}'
    assert not stream.is_done


def _delivered(stream: str) -> Delivered:
    delivered = Delivered()
    EventStream(is_ours=True, wishes=Wishes(), delivered=delivered).feed(stream.encode())
    return delivered


def test_a_continuation_asks_for_the_rest_after_prompt_and_delivered_tokens() -> None:
    asked = {"model": "alias", "messages": [], "max_tokens": 10, "min_tokens": 6, "temperature": 0, "stream": True}
    plan = continuation(asked, _delivered(_STREAM), model="m", window=100)
    assert isinstance(plan, Continuation)
    body = orjson.loads(plan.body)
    assert body["prompt"] == [7, 8, 9, 100, 101, 102, 103]
    assert (body["model"], body["max_tokens"], body["min_tokens"], body["temperature"]) == ("m", 6, 2, 0)
    assert (plan.prompt_tokens, plan.sent_tokens) == (3, 4)


def test_without_a_limit_the_window_is_it() -> None:
    plan = continuation({"messages": []}, _delivered(_STREAM), model="m", window=100)
    assert isinstance(plan, Continuation)
    assert orjson.loads(plan.body)["max_tokens"] == 100 - 3 - 4
    assert continuation({"messages": []}, _delivered(_STREAM), model="m", window=None) is None


@pytest.mark.parametrize(
    ("stream", "limit", "reason"),
    [(_STREAM, 5, "length"), (_STREAM + _event('{"content":""}', "2", finish='"stop"'), 99, None)],
    ids=["all tokens came", "the reason came"],
)
def test_when_only_the_end_is_missing_nobody_is_asked(stream: str, limit: int, reason: str | None) -> None:
    plan = continuation({"messages": [], "max_tokens": limit}, _delivered(stream), model="m", window=100)
    assert isinstance(plan, Complete)
    assert plan.reason == reason


def test_a_stream_with_tools_or_reasoning_is_not_continued() -> None:
    for delta in ('{"tool_calls":[{"index":0}]}', '{"reasoning":"hm"}'):
        delivered = _delivered(_STREAM + _event(delta, "9"))
        assert continuation({"messages": [], "max_tokens": 50}, delivered, model="m", window=100) is None


@pytest.mark.parametrize(
    ("more", "can"),
    [
        ({}, True),
        ({"n": 1, "stop": [], "logprobs": False, "response_format": {"type": "text"}, "prompt": [1, 2]}, True),
        ({"n": 3}, False),
        ({"stop": "x"}, False),
        ({"logprobs": 5}, False),
        ({"response_format": {"type": "json_schema"}}, False),
        ({"prompt": ["a", "b"]}, False),
        ({"tools": [{}]}, False),
    ],
)
def test_only_one_plain_text_is_continued(more: dict[str, object], can: bool) -> None:
    assert can_be_resumed({"model": "m", **more}) is can
