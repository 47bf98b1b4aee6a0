"""What every connector must keep to, checked on a real one: `ragworks connectors test`, or from a test of your own.

Not checked here, as it takes a system that misbehaves on demand: rate limits, timeouts and redirects, which the HTTP
client sees to for all connectors.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from services.shared.components.connectors.connector import Connector
from services.shared.components.connectors.events import Checkpoint, SyncEvent
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.schemas import Checker
from services.shared.components.connectors.secrets import SecretRef, Secrets
from services.shared.components.connectors.tool import Arguments, Tool
from services.shared.contracts.tools import Effect

Make = Callable[[Secrets], Connector[Any]]
"""Makes the connector anew, as after a restart."""

_LONGEST_S = 300
_MOST_CHECKPOINTS = 25
_ODD = "no_connector_has_this_argument"


@dataclass(frozen=True)
class Finding:
    """A rule, and what is wrong; nothing when it is kept."""

    rule: str
    problem: str | None = None


class _Watched(Secrets):
    """Remembers what was looked up, to see where it turns up."""

    def get(self, reference: SecretRef) -> SecretStr:
        found = super().get(reference)
        _seen.append(found.get_secret_value())
        return found


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += record.getMessage()


_seen: list[str] = []


async def check_connector(make: Make, secrets: Secrets, *, calls: Mapping[str, Arguments]) -> list[Finding]:
    """What was found, rule by rule.

    Args:
        calls: arguments for the tools that are to be called; tools that change something are left out.
    """
    lines = _Lines()
    logging.getLogger().addHandler(lines)
    _seen.clear()
    watched = _Watched(secrets.environment, secrets.folder)
    connector = make(watched)
    try:
        tools = await connector.tools()
        found = _definitions(tools)
        for tool in tools:
            if tool.name in calls and tool.effect is Effect.READ:
                found += await _called(tool, calls[tool.name])
        if connector.has_sync:
            found += await _synced(make, watched)
        told = lines.text + repr(connector) + repr(connector.config) + "".join(each.problem or "" for each in found)
        return [*found, _finding("no secret is told", "one is" if any(each in told for each in _seen) else None)]
    finally:
        logging.getLogger().removeHandler(lines)
        await connector.close()
        await connector.http.close()


def _definitions(tools: Sequence[Tool]) -> list[Finding]:
    names = [each.name for each in tools]
    return [
        _finding("names are unique", "two tools share one" if len(set(names)) < len(names) else None),
        _finding("tools say what they do", _first(tools, lambda each: not each.description.strip())),
        _finding("tools end", _first(tools, lambda each: not 0 < each.timeout_s <= _LONGEST_S)),
        _finding("only reads are cached", _first(tools, lambda each: each.cache_s > 0 and each.effect != Effect.READ)),
        _finding("unknown arguments are refused", _first(tools, lambda each: not _refuses_unknown(each))),
    ]


async def _called(tool: Tool, arguments: Arguments) -> list[Finding]:
    wrong = Checker(tool.arguments, outside=False).problem(dict(arguments))
    if wrong:
        return [_finding(f"{tool.name}: its arguments are declared", wrong)]
    try:
        result = await tool.run(arguments)
    except ConnectorError as error:
        return [_finding(f"{tool.name}: it answers", error.message)]
    problem = Checker(tool.result, outside=False).problem(result) if tool.result else None
    return [_finding(f"{tool.name}: it answers"), _finding(f"{tool.name}: its result is what it declares", problem)]


async def _synced(make: Make, secrets: Secrets) -> list[Finding]:
    whole, again = await _pull(make, secrets, None), await _pull(make, secrets, None)
    marks = [position for position, each in enumerate(whole) if isinstance(each, Checkpoint)]
    lost: str | None = None
    for position in marks[:_MOST_CHECKPOINTS]:
        mark = whole[position]
        rest = await _pull(make, secrets, mark.cursor if isinstance(mark, Checkpoint) else None)
        if _done(rest) != _done(whole[position + 1 :]):
            lost = f"after checkpoint {marks.index(position) + 1} it does not go on where it was"
            break
    return [
        _finding("a sync that is run again says the same", None if _done(whole) == _done(again) else "it does not"),
        _finding("a sync goes on after a kill at every checkpoint", lost),
        _finding("a sync has checkpoints", None if marks or not whole else "it has none"),
    ]


async def _pull(make: Make, secrets: Secrets, cursor: str | None) -> list[SyncEvent]:
    connector = make(secrets)
    try:
        return [each async for each in connector.pull(cursor)]
    finally:
        await connector.close()
        await connector.http.close()


def _done(events: Sequence[SyncEvent]) -> list[SyncEvent]:
    return [each for each in events if not isinstance(each, Checkpoint)]


def _refuses_unknown(tool: Tool) -> bool:
    return tool.arguments.get("additionalProperties") is False and _ODD not in tool.arguments.get("properties", {})


def _first(tools: Sequence[Tool], breaks: Callable[[Tool], bool]) -> str | None:
    return next((f"'{each.name}' does not" for each in tools if breaks(each)), None)


def _finding(rule: str, problem: str | None = None) -> Finding:
    return Finding(rule, problem)
