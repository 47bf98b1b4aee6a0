"""The rules for systems in trouble, which the kit makes up between the connector and its HTTP client.

A connector that asks its system in another way is not troubled; the rules are then left out.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from services.shared.components.connectors.conformance_rules import Finding, Make, broken, closing
from services.shared.components.connectors.events import Delete, Failure, SyncEvent
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpAnswer, HttpClient, HttpRequest
from services.shared.components.connectors.secrets import Secrets
from services.shared.components.connectors.tool import Arguments


@dataclass(frozen=True)
class Trouble:
    """What the system does; `passes`: it is only asked for patience, and the call is to succeed in the end."""

    name: str
    answer: Callable[[HttpRequest, int], HttpAnswer | None]
    """What is answered to a request by its number; None lets it through."""
    passes: bool = False


def _slow_down(request: HttpRequest, number: int) -> HttpAnswer | None:
    return HttpAnswer(429, request.url, {"retry-after": "0"}, b"") if number == 1 else None


def _for_hours(request: HttpRequest, _: int) -> HttpAnswer:
    return HttpAnswer(429, request.url, {"retry-after": "7200"}, b"")


def _nonsense(request: HttpRequest, _: int) -> HttpAnswer:
    return HttpAnswer(200, request.url, {"content-type": "application/octet-stream"}, b"\x00\xff no answer \xfe")


def _broken(request: HttpRequest, _: int) -> HttpAnswer:
    return HttpAnswer(500, request.url, {}, b"")


def _silent(request: HttpRequest, _: int) -> HttpAnswer:
    raise ConnectorError("timeout", f"{request.url} did not end its answer.", counts=True)


TROUBLES = (
    Trouble("asks for a moment's patience", _slow_down, passes=True),
    Trouble("asks to come back in hours", _for_hours),
    Trouble("answers with nonsense", _nonsense),
    Trouble("is broken", _broken),
    Trouble("does not answer", _silent),
)


class TroubledClient(HttpClient):
    """A connector's client before a system in trouble; it goes about that as the real one does."""

    def __init__(self, real: HttpClient, trouble: Trouble) -> None:
        limits = replace(real.limits, per_second=1_000.0)
        super().__init__(hosts=real.hosts, private_hosts=real.private_hosts, limits=limits)
        self._trouble = trouble
        self.asked = 0

    async def attempt(self, request: HttpRequest) -> HttpAnswer:
        """The trouble, or what the system says."""
        self.asked += 1
        return self._trouble.answer(request, self.asked) or await super().attempt(request)


async def check_troubles(make: Make, secrets: Secrets, *, calls: Mapping[str, Arguments]) -> list[Finding]:
    """What was found while the system is in each trouble."""
    found: list[Finding] = []
    for trouble in TROUBLES:
        for name, arguments in calls.items():
            found += await _in_trouble(make, secrets, trouble, _calling(name, arguments), what=name)
        async with closing(make(secrets)) as connector:
            has_sync = connector.has_sync
        if has_sync:
            found += await _in_trouble(make, secrets, trouble, _syncing, what="its sync")
    return found


Act = Callable[[Make, Secrets, Trouble], Awaitable[tuple[int, str | None]]]
"""Does something before a system in trouble: how often that was asked, and what the connector did wrong."""


async def _in_trouble(make: Make, secrets: Secrets, trouble: Trouble, act: Act, *, what: str) -> list[Finding]:
    rule = f"{what}: the system {trouble.name}"
    try:
        asked, problem = await act(make, secrets, trouble)
    except ConnectorError as error:
        return [broken(rule, f"it gave up: {error.message}") if trouble.passes else Finding(rule)]
    except Exception as error:  # noqa: BLE001 - whatever a connector raises is what is looked for
        return [broken(rule, f"it raised {type(error).__name__}, which is no ConnectorError: {error}")]
    return [Finding(rule, problem)] if asked else []


def _calling(name: str, arguments: Arguments) -> Act:
    async def act(make: Make, secrets: Secrets, trouble: Trouble) -> tuple[int, str | None]:
        async with closing(make(secrets)) as connector:
            tool = next(each for each in await connector.tools() if each.name == name)
            async with _troubled(connector.http, trouble) as client:
                connector.http = client
                await tool.run(arguments)
                return client.asked, None

    return act


async def _syncing(make: Make, secrets: Secrets, trouble: Trouble) -> tuple[int, str | None]:
    async with closing(make(secrets)) as connector, _troubled(connector.http, trouble) as client:
        connector.http = client
        told = [each async for each in connector.pull(None)]
        return client.asked, None if trouble.passes else _wrongly_told(told)


def _wrongly_told(told: list[SyncEvent]) -> str | None:
    """A sync that ends as if nothing were wrong has everything deleted that it left out."""
    if any(isinstance(each, Delete) for each in told):
        return "it tells deletions"
    return None if any(isinstance(each, Failure) for each in told) else "it ends as if nothing were wrong"


class _troubled:  # noqa: N801 - used as a verb
    """A client in trouble, closed at the end."""

    def __init__(self, real: HttpClient, trouble: Trouble) -> None:
        self._client = TroubledClient(real, trouble)

    async def __aenter__(self) -> TroubledClient:
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
