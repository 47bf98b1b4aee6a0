"""Several replicas of one model: whatever one of them does, its callers get their answer from another."""

import asyncio
from collections import Counter
from typing import cast

import httpx2
import orjson
import pytest

from tests.integration.inference.conftest import ReplicaPlace, replica_state, until_up
from tests.processes import eventually
from tests.replica_engine import MODEL, Fault, ReplicaEngine, running_replica, words

_CHAT = "/v1/chat/completions"
_COMPLETIONS = "/v1/completions"
Pair = tuple[ReplicaEngine, ReplicaEngine]


def _ask(*, stream: bool = True, model: str = MODEL, about: str = "words", **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": about}], "stream": stream, "max_tokens": 8, **more}


def _events(answer: httpx2.Response) -> list[dict[str, object]]:
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]", answer.text
    return [orjson.loads(line) for line in lines[:-1]]


def _text(events: list[dict[str, object]]) -> str:
    choices = [cast("list[dict[str, object]]", event["choices"]) for event in events]
    parts = [cast("dict[str, str]", choice.get("delta", choice)) for some in choices for choice in some]
    return "".join(part.get("content", part.get("text", "")) for part in parts)


def _reasons(events: list[dict[str, object]]) -> list[object]:
    choices = [cast("list[dict[str, object]]", event["choices"]) for event in events]
    return [choice["finish_reason"] for some in choices for choice in some if choice["finish_reason"]]


async def _broken(fleet: httpx2.AsyncClient, replicas: Pair, fault: Fault, *, after: int = 0) -> ReplicaEngine:
    """Break the replica that `_ask` goes to; the other one."""
    before = [len(each.requests) for each in replicas]
    assert (await fleet.post(_CHAT, json=_ask(stream=False))).status_code == 200
    home = replicas[0] if len(replicas[0].requests) > before[0] else replicas[1]
    home.fault, home.after = fault, after
    return replicas[1] if home is replicas[0] else replicas[0]


@pytest.mark.parametrize(
    ("fault", "stream"),
    [
        *((fault, True) for fault in ("fail", "busy", "close", "cut", "dead core", "flood")),
        *((fault, False) for fault in ("fail", "busy", "garbage")),
    ],
)
async def test_a_failure_before_the_first_byte_is_another_replicas_work(
    fleet: httpx2.AsyncClient, replicas: Pair, fault: Fault, stream: bool
) -> None:
    other = await _broken(fleet, replicas, fault)
    seen = len(other.requests)
    answer = await fleet.post(_CHAT, json=_ask(stream=stream))
    assert answer.status_code == 200
    text = _text(_events(answer)) if stream else answer.json()["choices"][0]["message"]["content"]
    assert text == words(8)
    assert len(other.requests) == seen + 1


@pytest.mark.parametrize("path", [_CHAT, _COMPLETIONS])
@pytest.mark.parametrize(
    ("fault", "after"), [("cut", 1), ("cut", 4), ("close", 5), ("dead core", 3), ("hang", 3), ("cut", 9)]
)
async def test_a_stream_that_breaks_goes_on_without_a_repeated_or_lost_word(
    fleet: httpx2.AsyncClient, replicas: Pair, fault: Fault, after: int, path: str
) -> None:
    body = _ask(stream_options={"include_usage": True})
    if path == _COMPLETIONS:
        body["prompt"] = cast("list[dict[str, str]]", body.pop("messages"))[0]["content"]
    for each, twin in (replicas, replicas[::-1]):
        each.fault, each.after, each.once_with = fault, after, twin
    events = _events(await fleet.post(path, json=body))
    assert _text(events) == words(8)
    assert _reasons(events) == ["length"]
    assert len({event["id"] for event in events}) == 1
    assert len({event["object"] for event in events}) == 1
    usage = cast("dict[str, int]", events[-1]["usage"])
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (3, 8)
    assert all(event.get("usage") is None for event in events[:-1])
    assert b"token_ids" not in orjson.dumps(events)


async def test_a_stream_that_breaks_twice_ends_with_an_error_and_no_replica_is_asked_for_ever(
    fleet: httpx2.AsyncClient, replicas: Pair
) -> None:
    for each in replicas:
        each.fault, each.after = "cut", 3
    answer = await fleet.post(_CHAT, json=_ask())
    assert '"code":"stream_interrupted"' in answer.text
    assert words(4).split()[-1] in answer.text
    assert sum(len(each.requests) for each in replicas) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"n": 2},
        {"stop": ["w7"]},
        {"logprobs": True},
        {"response_format": {"type": "json_object"}},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_what_cannot_be_continued_exactly_ends_with_an_error(
    fleet: httpx2.AsyncClient, replicas: Pair, more: dict[str, object]
) -> None:
    for each in replicas:
        each.fault, each.after = "cut", 3
    answer = await fleet.post(_CHAT, json={**_ask(), **more})
    assert '"code":"stream_interrupted"' in answer.text
    assert sum(len(each.requests) for each in replicas) == 1


async def test_what_the_client_did_wrong_opens_no_breaker(fleet: httpx2.AsyncClient, replicas: Pair) -> None:
    for each in replicas:
        each.fault = "refuse"
    for _ in range(8):
        answer = await fleet.post(_CHAT, json=_ask(max_tokens=-3))
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == "max_tokens"
    assert [await replica_state(fleet, MODEL, each.url) for each in replicas] == ["up", "up"]
    assert sum(len(each.requests) for each in replicas) == 8


async def test_a_replica_that_dies_is_left_alone_and_comes_back_by_itself(
    replica_place: ReplicaPlace, fleet: httpx2.AsyncClient
) -> None:
    one, two = ReplicaEngine(replica_place.one, pace_s=0.02), ReplicaEngine(replica_place.two, pace_s=0.02)
    async with running_replica(two):
        async with running_replica(one):
            await until_up(fleet, MODEL, one.url, two.url)
            streams = [
                asyncio.create_task(fleet.post(_CHAT, json=_ask(about=f"{n}", max_tokens=12))) for n in range(12)
            ]

            async def both_work() -> bool:
                return one.running > 0 and two.running > 0

            await eventually(both_work, deadline_s=5, what="both replicas to work")
        answers = await asyncio.gather(*streams)  # the first replica is gone now
        assert [_text(_events(answer)) for answer in answers] == [words(12)] * 12

        async def is_down() -> bool:
            return await replica_state(fleet, MODEL, one.url) == "down"

        await eventually(is_down, deadline_s=5, what="the replica to be seen as down")
        assert (await fleet.get("/v1/models/words")).json()["state"] == "up"
        async with running_replica(one):
            await until_up(fleet, MODEL, one.url)


async def test_a_frozen_replica_loses_its_requests_to_the_other(fleet: httpx2.AsyncClient, replicas: Pair) -> None:
    other = await _broken(fleet, replicas, "silent")
    home = replicas[1] if other is replicas[0] else replicas[0]
    home.frozen = True  # as a process that was stopped: it takes connections and says nothing
    answer = await fleet.post(_CHAT, json=_ask())
    assert _text(_events(answer)) == words(8)
    assert await replica_state(fleet, MODEL, home.url) == "down"


async def test_a_drained_replica_ends_its_work_and_gets_no_more(fleet: httpx2.AsyncClient, replicas: Pair) -> None:
    one, _ = replicas
    for each in replicas:
        each.pace_s = 0.05
    running = [asyncio.create_task(fleet.post(_CHAT, json=_ask(about=f"{n}"))) for n in range(6)]

    async def works() -> bool:
        return one.running > 0

    await eventually(works, deadline_s=5, what="the replica to work")
    drained = await fleet.post("/api/models/words/drain", json={"replica": one.url})
    assert drained.json()["state"] == "draining"
    seen = len(one.requests)
    later = await asyncio.gather(*(fleet.post(_CHAT, json=_ask(about=f"later {n}")) for n in range(4)))
    assert [_text(_events(answer)) for answer in [*(await asyncio.gather(*running)), *later]] == [words(8)] * 10
    assert len(one.requests) == seen
    assert await replica_state(fleet, MODEL, one.url) == "drained"
    assert (await fleet.post("/api/models/words/undrain", json={"replica": one.url})).json()["state"] == "up"
    unknown = await fleet.post("/api/models/words/drain", json={"replica": "http://127.0.0.1:1"})
    assert unknown.json()["error"]["code"] == "replica_not_found"


async def test_conversations_stay_at_their_replica_and_spread_over_all(
    fleet: httpx2.AsyncClient, replicas: Pair
) -> None:
    for turn in range(3):
        for conversation in range(10):
            first = {"role": "user", "content": f"conversation {conversation}"}
            later = [{"role": "assistant", "content": "yes"}, {"role": "user", "content": f"turn {turn}"}] * turn
            body = {"model": MODEL, "messages": [first, *later], "max_tokens": 1}
            assert (await fleet.post(_CHAT, json=body)).status_code == 200
    places: dict[str, set[int]] = {}
    for each in replicas:
        for _, body in each.requests:
            first = cast("list[dict[str, str]]", body["messages"])[0]["content"]
            places.setdefault(first, set()).add(each.port)
    assert all(len(ports) == 1 for ports in places.values())
    assert min(Counter(next(iter(ports)) for ports in places.values()).values()) >= 1


async def test_a_model_without_replicas_falls_back_as_declared(
    replica_place: ReplicaPlace, fleet: httpx2.AsyncClient
) -> None:
    async with running_replica(ReplicaEngine(replica_place.spare)) as spare:
        answer = await fleet.post(_CHAT, json=_ask(model="guarded"))
        assert _text(_events(answer)) == words(8)
        path, body = spare.requests[-1]
    assert path == _CHAT
    assert "return_token_ids" not in body  # an outside API refuses what it does not know
    assert body["stream_options"] == {"include_usage": True}
    answer = await fleet.post(_CHAT, json=_ask(model="guarded"))
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "engine_unavailable"


async def test_aliases_and_adapters_are_models_of_their_own_name(fleet: httpx2.AsyncClient, replicas: Pair) -> None:
    listed = {model["id"]: model for model in (await fleet.get("/v1/models")).json()["data"]}
    assert {"words", "default", "words-legal", "guarded", "outside"} <= listed.keys()
    assert listed["default"]["max_model_len"] == 4096

    async def is_loaded() -> bool:
        return all("words-legal" in each.models for each in replicas)

    await eventually(is_loaded, deadline_s=5, what="the adapter to be loaded everywhere")
    for name, upstream in (("default", "words"), ("words-legal", "words-legal")):
        assert (await fleet.post(_CHAT, json=_ask(model=name, stream=False))).json()["model"] == upstream
    unknown = await fleet.post(_CHAT, json=_ask(model="words-medical"))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert "words-legal" in unknown.json()["error"]["message"]


async def test_a_client_that_leaves_frees_its_place_and_its_tokens_are_counted(
    fleet: httpx2.AsyncClient, replicas: Pair
) -> None:
    def written(metrics: str) -> float:
        name = 'gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_request_model="default",'
        values = [line.split()[-1] for line in metrics.splitlines() if line.startswith(name) and "output" in line]
        return float(values[0]) if values else 0.0

    before = written((await fleet.get("/metrics")).text)
    for each in replicas:
        each.fault, each.after = "hang", 4
    async with fleet.stream("POST", _CHAT, json=_ask(model="default")) as answer:
        async for piece in answer.aiter_text():
            if "w2" in piece:
                break

    async def is_free() -> bool:
        return all(each.running == 0 for each in replicas)

    await eventually(is_free, deadline_s=0.6, what="the place to be free before any deadline")
    assert written((await fleet.get("/metrics")).text) == before + 3


async def test_the_cost_of_tokens_is_counted_by_the_declared_prices(fleet: httpx2.AsyncClient, replicas: Pair) -> None:
    await fleet.post(_CHAT, json=_ask())
    metrics = (await fleet.get("/metrics")).text
    assert 'ragworks_model_cost_total{model_name="words"}' in metrics
    assert 'vllm:prefix_cache_hits_total{model_name="words"}' in metrics


async def test_more_than_a_model_takes_waits_and_what_would_wait_too_long_is_429(
    fleet: httpx2.AsyncClient, replicas: Pair
) -> None:
    one, _ = replicas
    await until_up(fleet, "narrow", one.url)
    one.pace_s = 0.3
    body = _ask(model="narrow", stream=False)
    answers = await asyncio.gather(*(fleet.post(_CHAT, json=body) for _ in range(6)))
    codes = Counter(answer.status_code for answer in answers)
    assert codes == {200: 3, 429: 3}  # one at work, two in the queue
    assert one.most_at_once == 1
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "slo_unreachable"
    assert int(refused.headers["retry-after"]) >= 1
    assert 'vllm:num_requests_waiting{model_name="narrow"} 0.0' in (await fleet.get("/metrics")).text


async def test_what_is_too_much_for_a_model_flows_over_as_declared_and_goodput_is_counted(
    replica_place: ReplicaPlace, fleet: httpx2.AsyncClient, replicas: Pair
) -> None:
    _, two = replicas
    await until_up(fleet, "wide", two.url)
    two.pace_s = 0.1
    async with running_replica(ReplicaEngine(replica_place.spare)) as spare:
        answers = await asyncio.gather(*(fleet.post(_CHAT, json=_ask(model="wide")) for _ in range(3)))
        assert [_text(_events(answer)) for answer in answers] == [words(8)] * 3
        assert len(spare.requests) == 2
    metrics = (await fleet.get("/metrics")).text
    assert 'ragworks_takeovers_total{how="overflow",model_name="wide"} 2.0' in metrics
    assert 'ragworks_slo_requests_total{met="true",model_name="wide",slo_class="urgent"}' in metrics
