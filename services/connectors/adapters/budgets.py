"""How much one request may have tools do: all calls under the same transaction id of the same caller count together."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from services.connectors.errors import budget_spent

_KEPT_S = 600.0
_MOST = 10_000


@dataclass
class _Spent:
    until: float
    calls: int = 0
    cost: float = 0.0


class Budgets:
    """Counts in memory, as long as a request may last. `cost` is in what the operator's file counts in; 0: no limit."""

    def __init__(self, *, calls: int, cost: float) -> None:
        self._calls = calls
        self._cost = cost
        self._spent: OrderedDict[tuple[str | None, str], _Spent] = OrderedDict()

    def take(self, principal: str | None, request_id: str | None, *, cost: float) -> None:
        """Count a call that is about to be made.

        Raises:
            PermissionDeniedError: the request has used up its budget.
        """
        if request_id is None:
            return
        spent = self._of(principal, request_id)
        if spent.calls + 1 > self._calls:
            raise budget_spent(f"{self._calls} calls of tools", "RAGWORKS_CONNECTORS_REQUEST_CALLS")
        if self._cost and spent.cost + cost > self._cost:
            raise budget_spent(f"a cost of {self._cost:g}", "RAGWORKS_CONNECTORS_REQUEST_COST")
        spent.calls, spent.cost = spent.calls + 1, spent.cost + cost

    def _of(self, principal: str | None, request_id: str) -> _Spent:
        now, key = time.monotonic(), (principal, request_id)
        found = self._spent.get(key)
        if found is None or found.until < now:
            found = self._spent[key] = _Spent(now + _KEPT_S)
        self._spent.move_to_end(key)
        while len(self._spent) > _MOST:
            self._spent.popitem(last=False)
        return found
