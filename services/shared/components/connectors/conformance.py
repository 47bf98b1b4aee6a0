"""What every connector must keep to, checked on a real one: `ragworks connectors test`, or from a test of your own.

The rules of syncs and of systems in trouble are in the files beside this one.
"""

import logging
from collections.abc import Callable, Mapping, Sequence

from pydantic import SecretStr

from services.shared.components.connectors.conformance_rules import (
    Finding,
    Make,
    OutsideChanges,
    broken,
    closing,
    kept,
)
from services.shared.components.connectors.conformance_syncs import check_sync
from services.shared.components.connectors.conformance_troubles import check_troubles
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.schemas import Checker
from services.shared.components.connectors.secrets import SecretRef, Secrets
from services.shared.components.connectors.tool import Arguments, Tool
from services.shared.contracts.tools import Effect

__all__ = ["Finding", "Make", "OutsideChanges", "check_connector"]

_LONGEST_S = 300
_ODD = "no_connector_has_this_argument"
_NOTHING = OutsideChanges()


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


async def check_connector(
    make: Make, secrets: Secrets, *, calls: Mapping[str, Arguments], outside: OutsideChanges = _NOTHING
) -> list[Finding]:
    """What was found, rule by rule.

    Args:
        make: makes the connector anew, as after a restart.
        calls: arguments for the tools that are to be called; tools that change something are left out.
        outside: what can be changed in the outside system, to see whether a sync tells it.
    """
    lines = _Lines()
    logging.getLogger().addHandler(lines)
    _seen.clear()
    watched = _Watched(secrets.environment, secrets.folder, secrets.vault)
    try:
        async with closing(make(watched)) as connector:
            tools = await connector.tools()
            reads = {each.name: calls[each.name] for each in tools if each.name in calls and each.effect is Effect.READ}
            found = _definitions(tools) + ([] if connector.outside_tools else _own_definitions(tools))
            for tool in tools:
                found += await _called(tool, reads[tool.name]) if tool.name in reads else []
            found += await check_sync(make, watched, outside=outside) if connector.has_sync else []
            found += await check_troubles(make, watched, calls=reads)
            told = lines.text + repr(connector) + repr(connector.config) + "".join(each.problem or "" for each in found)
        secret = any(each in told for each in _seen)
        return [*found, broken("no secret is told", "one is") if secret else kept("no secret is told")]
    finally:
        logging.getLogger().removeHandler(lines)


def _definitions(tools: Sequence[Tool]) -> list[Finding]:
    names = [each.name for each in tools]
    return [
        Finding("names are unique", "two tools share one" if len(set(names)) < len(names) else None),
        Finding("tools end", _first(tools, lambda each: not 0 < each.timeout_s <= _LONGEST_S)),
        Finding("only reads are cached", _first(tools, lambda each: each.cache_s > 0 and each.effect != Effect.READ)),
    ]


def _own_definitions(tools: Sequence[Tool]) -> list[Finding]:
    """Of tools that the connector itself defines; what an outside system says of its own, an operator approves."""
    return [
        Finding("tools say what they do", _first(tools, lambda each: not each.description.strip())),
        Finding("unknown arguments are refused", _first(tools, lambda each: not _refuses_unknown(each))),
    ]


async def _called(tool: Tool, arguments: Arguments) -> list[Finding]:
    wrong = Checker(tool.arguments, outside=False).problem(dict(arguments))
    if wrong:
        return [broken(f"{tool.name}: its arguments are declared", wrong)]
    try:
        result = await tool.run(arguments)
    except ConnectorError as error:
        return [broken(f"{tool.name}: it answers", error.message)]
    problem = Checker(tool.result, outside=False).problem(result) if tool.result else None
    return [kept(f"{tool.name}: it answers"), Finding(f"{tool.name}: its result is what it declares", problem)]


def _refuses_unknown(tool: Tool) -> bool:
    return tool.arguments.get("additionalProperties") is False and _ODD not in tool.arguments.get("properties", {})


def _first(tools: Sequence[Tool], breaks: Callable[[Tool], bool]) -> str | None:
    return next((f"'{each.name}' does not" for each in tools if breaks(each)), None)
