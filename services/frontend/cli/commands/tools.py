"""`ragworks tools list`, `show`, `call`, `approve` and `approve-call`."""

import json
from collections.abc import Sequence
from typing import Any

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, print_json, safe, table
from services.shared.contracts.tools import CallResult, ToolView


def list_tools(*, collection: str | None, url: str | None, as_json: bool) -> None:
    """The tools, one a line."""
    listed = json.loads(_gateway(url).get(f"/api/tools{_for(collection)}"))["tools"]
    if as_json:
        print_json(listed)
        return
    tools = [ToolView.model_validate(each) for each in listed]
    shown = table("tool", "effect", "arguments", "what it does")
    for each in tools:
        state = "" if each.approved else " [warn]not approved[/]"
        named = ", ".join(each.arguments.get("properties", {}))
        first = each.description.splitlines()[0] if each.description else ""
        shown.add_row(f"[bold]{safe(each.name)}[/]{state}", each.effect, safe(named), safe(first))
    output().print(shown if tools else "There are no tools; see docs/connectors.md for how to declare a connector.")


def show(name: str, *, url: str | None, as_json: bool) -> None:
    """One tool."""
    found = json.loads(_gateway(url).get(f"/api/tools/{segment(name)}"))
    if as_json:
        print_json(found)
        return
    tool = ToolView.model_validate(found)
    grid = table("", "")
    grid.show_header = False
    for title, value in (
        ("tool", tool.name),
        ("effect", tool.effect),
        ("says of itself", tool.description),
        ("arguments", json.dumps(tool.arguments, ensure_ascii=False)),
        ("result", json.dumps(tool.result, ensure_ascii=False) if tool.result else "not declared"),
        ("digest", tool.digest),
        ("approved", "yes" if tool.approved else "no"),
    ):
        grid.add_row(f"[dim]{title}[/]", safe(value))
    output().print(grid)


def call(
    name: str,
    pairs: Sequence[str],
    *,
    arguments: str | None,
    approval: str | None,
    collection: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """The result of one call."""
    gateway = _gateway(url)
    given = _parsed(arguments)
    if pairs:
        schema = json.loads(gateway.get(f"/api/tools/{segment(name)}{_for(collection)}"))["arguments"].get(
            "properties", {}
        )
        given |= dict(_pair(each, schema) for each in pairs)
    body = {"arguments": given, "approval": approval, "collection": collection}
    answer = json.loads(gateway.post(f"/api/tools/{segment(name)}/call", body))
    if as_json:
        print_json(answer)
        return
    result = CallResult.model_validate(answer)
    for each in result.material:
        output().print(f"[bold]{safe(each.title)}[/] [dim]— {safe(each.source)}[/]")
        output().print(safe(each.text))
    output().print(f"[dim]{result.id}, {result.ms:.0f} ms{', from the cache' if result.cached else ''}[/]")


def approve(name: str, digest: str, *, url: str | None) -> None:
    """Pin a definition."""
    found = json.loads(_gateway(url).post(f"/api/tools/{segment(name)}/approve", {"digest": digest}))
    output().print(f"[ok]✓[/] {safe(name)} may be called as it is now ({found['digest'][:12]}).")


def approve_call(approval: str, *, url: str | None) -> None:
    """Let a call be made."""
    _gateway(url).post(f"/api/tool-approvals/{segment(approval)}", {})
    output().print(f"[ok]✓[/] The call {safe(approval)} may be made once.")


def _for(collection: str | None) -> str:
    return f"?collection={segment(collection)}" if collection else ""


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))


def _parsed(arguments: str | None) -> dict[str, Any]:
    try:
        given = json.loads(arguments or "{}")
    except json.JSONDecodeError as error:
        raise _wrong(f"--arguments is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise _wrong("--arguments is no JSON object.")
    return given


def _pair(pair: str, schema: dict[str, Any]) -> tuple[str, Any]:
    """Text stays text; what the tool wants as a number or a list is read as JSON."""
    name, equals, value = pair.partition("=")
    if not equals:
        raise _wrong(f"'{pair}' is no NAME=VALUE.")
    if schema.get(name, {}).get("type", "string") == "string":
        return name, value
    try:
        return name, json.loads(value)
    except json.JSONDecodeError as error:
        raise _wrong(f"{name}: '{value}' is no {schema[name]['type']}.") from error


def _wrong(message: str) -> CliError:
    return CliError(message, exit_code=ExitCode.USAGE)
