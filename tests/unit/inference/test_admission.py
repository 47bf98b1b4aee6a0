"""Places at a model: who gets them, in which order, and who is sent away at once."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.inference.domain.admission import Gate
from services.inference.domain.models import ServiceLevel
from services.inference.errors import OverloadedError

_CALM = ServiceLevel(ttft_ms=60_000, queue=4)
_URGENT = ServiceLevel(ttft_ms=60_000, priority=1)


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def _enter(gate: Gate, name: str, order: list[str], level: ServiceLevel = _CALM, *, cost: float = 10) -> None:
    async with gate.place(name.split(maxsplit=1)[0], level, cost):
        order.append(name)


async def _waiting(gate: Gate, *names: str, order: list[str], level: ServiceLevel = _CALM) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(_enter(gate, name, order, level)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_no_more_run_than_there_are_places() -> None:
    gate, order = Gate(lambda: 2, Clock()), list[str]()
    async with gate.place("a", _CALM, 1), gate.place("a", _CALM, 1):
        tasks = await _waiting(gate, "a 1", order=order)
        assert (gate.running, gate.waiting, order) == (2, 1, [])
    await asyncio.gather(*tasks)
    assert (gate.running, gate.waiting) == (0, 0)


async def test_a_tenant_that_floods_does_not_hold_up_another() -> None:
    gate, order = Gate(lambda: 1, Clock()), list[str]()
    async with gate.place("flood", _CALM, 10):
        tasks = await _waiting(gate, "flood 1", "flood 2", "flood 3", "other 1", order=order)
    await asyncio.gather(*tasks)
    assert order[0] == "other 1"


async def test_an_urgent_class_goes_first() -> None:
    gate, order = Gate(lambda: 1, Clock()), list[str]()
    async with gate.place("a", _CALM, 10):
        tasks = await _waiting(gate, "a calm", order=order)
        tasks += await _waiting(gate, "a urgent", order=order, level=_URGENT)
    await asyncio.gather(*tasks)
    assert order == ["a urgent", "a calm"]


async def test_what_would_come_too_late_is_refused_at_once_with_a_time_to_come_back() -> None:
    clock = Clock()
    gate, order = Gate(lambda: 1, clock), list[str]()
    async with gate.place("a", _CALM, 10):
        clock.now += 100  # ten seconds for a token
    async with gate.place("a", _CALM, 10):
        tasks = await _waiting(gate, "a 1", order=order)
        with pytest.raises(OverloadedError) as caught:
            await _enter(gate, "a 2", order)
        assert caught.value.retry_after_seconds == 40
        assert caught.value.code == "slo_unreachable"
    await asyncio.gather(*tasks)


async def test_a_full_queue_makes_room_for_a_tenant_that_has_less_of_it() -> None:
    gate, order = Gate(lambda: 1, Clock()), list[str]()
    async with gate.place("flood", _CALM, 10):
        tasks = await _waiting(gate, "flood 1", "flood 2", "flood 3", "flood 4", order=order)
        with pytest.raises(OverloadedError):
            await _enter(gate, "flood 5", order)
        tasks += await _waiting(gate, "other 1", order=order)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None)] * 3 + [OverloadedError, type(None)]
    assert "other 1" in order


async def test_the_deadline_of_a_class_ends_its_wait() -> None:
    gate = Gate(lambda: 1, Clock())
    async with gate.place("a", _CALM, 10):
        with pytest.raises(OverloadedError):
            await _enter(gate, "a 1", [], ServiceLevel(ttft_ms=5))
    assert (gate.running, gate.waiting) == (0, 0)


async def test_no_place_is_lost_however_callers_leave() -> None:
    gate, order = Gate(lambda: 2, Clock()), list[str]()
    for round_ in range(50):
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(gate.place("a", _CALM, 1))
            tasks = await _waiting(gate, "a 1", "b 2", "c 3", order=order)
            if round_ % 2:
                tasks[round_ % 3].cancel()
        tasks[(round_ + 1) % 3].cancel()  # it has just been given a place
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (gate.running, gate.waiting) == (0, 0)
