"""Who may go to a model's replicas now, who waits, and who is better told at once to come back later.

Places are given by class first (a lower priority number goes first), then to the tenant that has had the least so far,
as in start-time fair queueing (Goyal et al., 1996): who floods waits behind its own requests. Costs are tokens.
"""

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.inference.domain.models import ServiceLevel
from services.inference.errors import OverloadedError

_SMOOTHING = 0.2
_TENANTS = 4096


@dataclass(eq=False)
class _Waiter:
    tenant: str
    level: ServiceLevel
    cost: float
    turn: asyncio.Future[None]


@dataclass
class _Class:
    """Those of one priority who wait, by tenant."""

    tenants: dict[str, deque[_Waiter]] = field(default_factory=dict[str, deque[_Waiter]])

    def __len__(self) -> int:
        return sum(len(waiting) for waiting in self.tenants.values())

    def cost(self) -> float:
        """What they will cost together."""
        return sum(waiter.cost for waiting in self.tenants.values() for waiter in waiting)

    def add(self, waiter: _Waiter) -> None:
        """Put one behind those of its tenant."""
        self.tenants.setdefault(waiter.tenant, deque()).append(waiter)

    def remove(self, waiter: _Waiter) -> None:
        """Take one out, if it is still there, and its tenant when that was its last."""
        waiting = self.tenants.get(waiter.tenant, deque())
        if waiter in waiting:
            waiting.remove(waiter)
        if not waiting:
            self.tenants.pop(waiter.tenant, None)


class Gate:
    """The places of one model."""

    def __init__(self, capacity: Callable[[], int], clock: Callable[[], float]) -> None:
        """`capacity`: how many requests the replicas take at once now, at least one."""
        self._capacity = capacity
        self._clock = clock
        self._classes: dict[int, _Class] = {}
        self._served: dict[str, float] = {}
        self._level_of_tenants = 0.0
        self._seconds_per_cost: float | None = None
        self.running = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(each) for each in self._classes.values())

    @asynccontextmanager
    async def place(self, tenant: str, level: ServiceLevel, cost: float) -> AsyncGenerator[None]:
        """A place, as long as the context lasts.

        Raises:
            OverloadedError: the class' first token could not come in time, or too many of the class wait already.
        """
        if self.running < self._capacity() and not self.waiting:
            self.running += 1
            self._charge(tenant, cost)
        else:
            await self._wait(tenant, level, cost)
        started = self._clock()
        try:
            yield
        finally:
            self._learn((self._clock() - started) / max(cost, 1.0))
            self.running -= 1
            self._let_in()

    async def _wait(self, tenant: str, level: ServiceLevel, cost: float) -> None:
        self._refuse_if_late(tenant, level)
        waiter = _Waiter(tenant, level, cost, asyncio.get_running_loop().create_future())
        self._classes.setdefault(level.priority, _Class()).add(waiter)
        has_place = False
        try:
            async with asyncio.timeout(level.ttft_ms / 1000):
                await waiter.turn
            has_place = True
        except TimeoutError as error:
            raise _late(level, self._expected_wait_s(level)) from error
        finally:
            if not has_place:
                self._leave(waiter)

    def _leave(self, waiter: _Waiter) -> None:
        if not waiter.turn.done() or waiter.turn.cancelled():
            self._classes[waiter.level.priority].remove(waiter)
        elif waiter.turn.exception() is None:  # its turn came as it left
            self.running -= 1
            self._let_in()

    def _refuse_if_late(self, tenant: str, level: ServiceLevel) -> None:
        wait_s = self._expected_wait_s(level)
        if wait_s > level.ttft_ms / 1000:
            raise _late(level, wait_s)
        waiting = self._classes.get(level.priority)
        if waiting is None or len(waiting) < level.queue:
            return
        longest = max(waiting.tenants.values(), key=len, default=None)
        if longest is None or len(waiting.tenants.get(tenant, ())) + 1 >= len(longest):
            raise _late(level, wait_s)
        last = longest[-1]  # of the tenant that takes most of the queue
        waiting.remove(last)
        if not last.turn.done():
            last.turn.set_exception(_late(level, wait_s))

    def _expected_wait_s(self, level: ServiceLevel) -> float:
        """How long those ahead keep all places, at the pace of those that were served."""
        ahead = sum(each.cost() for priority, each in self._classes.items() if priority <= level.priority)
        return (self._seconds_per_cost or 0.0) * ahead / self._capacity()

    def _learn(self, seconds_per_cost: float) -> None:
        known = self._seconds_per_cost
        self._seconds_per_cost = seconds_per_cost if known is None else known + _SMOOTHING * (seconds_per_cost - known)

    def _let_in(self) -> None:
        while self.running < self._capacity() and self.waiting:
            waiting = self._classes[min(priority for priority, each in self._classes.items() if len(each))]
            tenant = min(waiting.tenants, key=lambda name: self._served.get(name, 0.0))
            waiter = waiting.tenants[tenant][0]
            waiting.remove(waiter)
            if waiter.turn.done():  # it is just leaving
                continue
            self.running += 1
            self._charge(tenant, waiter.cost)
            waiter.turn.set_result(None)

    def _charge(self, tenant: str, cost: float) -> None:
        """Who was away does not save up: it starts where those stand that are served now."""
        start = max(self._served.get(tenant, 0.0), self._level_of_tenants)
        self._level_of_tenants = start if self.waiting else self._level_of_tenants
        self._served[tenant] = start + cost
        if len(self._served) > _TENANTS:
            self._served = {name: had for name, had in self._served.items() if had > self._level_of_tenants}


def _late(level: ServiceLevel, wait_s: float) -> OverloadedError:
    after_s = max(1, math.ceil(wait_s - level.ttft_ms / 1000))
    return OverloadedError(
        f"The first token would not come within the {level.ttft_ms:g} ms of this class of requests: too many wait. "
        f"Try again in {after_s} s.",
        retry_after_seconds=after_s,
    )
