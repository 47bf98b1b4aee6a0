"""`ragworks connectors list`, `new` and `test`."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, print_json, safe, table
from services.shared.contracts.tools import ConnectorView, KindView

_CODE = '''"""The {name} connector."""

from services.shared.components.connectors.sdk import Connector, ConnectorConfig, tool


class {title}Config(ConnectorConfig):
    """What the operator sets."""

    greeting: str = "Hello"


class {title}Connector(Connector[{title}Config]):
    """Greets; put your system in its place: self.http asks, self.secret looks a key up."""

    @tool(timeout_s=5, cache_s=60)
    async def greet(self, whom: str) -> str:
        """Greets somebody."""
        return f"{{self.config.greeting}}, {{whom}}."
'''
_TEST = '''"""The {name} connector keeps to the rules."""

from {name} import {title}Config, {title}Connector

from services.shared.components.connectors.pytest_plugin import Conformance
from services.shared.components.connectors.sdk import HttpClient, HttpLimits, Secrets, Surroundings


def make(secrets: Secrets) -> {title}Connector:
    return {title}Connector({title}Config(), Surroundings(HttpClient(limits=HttpLimits()), secrets))


def test_it_keeps_to_the_rules(connector_conformance: Conformance) -> None:
    connector_conformance(make, calls={{"greet": {{"whom": "Ada"}}}})
'''
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def list_connectors(*, url: str | None, as_json: bool) -> None:
    """The connectors, one a line."""
    listed = json.loads(open_gateway(running_settings(url=url)).get("/api/connectors"))["connectors"]
    if as_json:
        print_json(listed)
        return
    shown = table("connector", "kind", "state", "tools", "", right=("tools",))
    for each in map(ConnectorView.model_validate, listed):
        colour = "ok" if each.state == "ready" else "bad"
        shown.add_row(
            f"[bold]{each.name}[/]",
            safe(each.kind),
            f"[{colour}]{each.state}[/]",
            str(each.tools),
            safe(each.reason or ""),
        )
    output().print(shown if listed else "There are no connectors; see docs/connectors.md for how to declare one.")


def list_kinds(kind: str | None, *, url: str | None, as_json: bool) -> None:
    """The kinds, one a line; of one its settings."""
    listed = json.loads(open_gateway(running_settings(url=url)).get("/api/connector-kinds"))["kinds"]
    found = [each for each in map(KindView.model_validate, listed) if kind in {None, each.kind}]
    if not found:
        raise CliError(f"There is no kind '{kind}' of connectors.", hint="'ragworks connectors kinds' lists them.")
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    output().print(_settings(found[0]) if kind else _kinds(found))


def _kinds(found: Sequence[KindView]) -> Table:
    shown = table("kind", "what it is")
    for each in found:
        shown.add_row(
            f"[bold]{safe(each.kind)}[/]", f"[bad]{safe(each.problem)}[/]" if each.problem else safe(each.about)
        )
    return shown


def _settings(kind: KindView) -> Table:
    shown = table("setting", "type", "default")
    required = kind.config.get("required", [])
    for name, about in kind.config.get("properties", {}).items():
        default = "[warn]required[/]" if name in required else safe(json.dumps(about.get("default")))
        shown.add_row(f"[bold]{safe(name)}[/]", safe(_type(about)), "" if default == "null" else default)
    return shown


def _type(about: Mapping[str, Any]) -> str:
    if "anyOf" in about:
        return " or ".join(_type(each) for each in about["anyOf"] if each.get("type") != "null")
    reference = str(about.get("$ref", "")).rpartition("/")[2]
    return str(about.get("format") or reference or about.get("type", "any"))


def new(name: str, *, folder: Path) -> None:
    """Write the files; none is overwritten."""
    if not _NAME.fullmatch(name):
        raise CliError(f"'{name}' is no name: use small letters, digits and _.", exit_code=ExitCode.USAGE)
    title = "".join(part.capitalize() for part in name.split("_"))
    files = {folder / f"{name}.py": _CODE, folder / f"test_{name}.py": _TEST}
    for path in files:
        if path.exists():
            raise CliError(f"{path} is there already.", hint="Choose another name, or another folder.")
    for path, text in files.items():
        path.write_text(text.format(name=name, title=title), encoding="utf-8")
    output().print(f'[ok]✓[/] {name}.py and test_{name}.py. Declare it with kind = "{name}:{title}Connector".')


def check(name: str, *, file: Path, calls: Sequence[str], private: Sequence[str]) -> ExitCode:
    """Check one that a file declares."""
    from services.shared.components.connectors.conformance import check_connector
    from services.shared.components.connectors.declared import (
        Conditions,
        ConnectorsFileError,
        open_connector,
        read_connectors_file,
    )
    from services.shared.components.connectors.secrets import Secrets

    settings = running_settings()
    sys.path.insert(0, str(Path.cwd()))  # a connector that is being written is found here
    try:
        declared = next((each for each in read_connectors_file(file) if each.name == name), None)
    except ConnectorsFileError as error:
        raise CliError(str(error)) from error
    if declared is None:
        raise CliError(f"{file} declares no connector '{name}'.")
    secrets = Secrets(settings.environment, settings.home)
    found = asyncio.run(
        check_connector(
            lambda given: open_connector(declared, Conditions(given, frozenset(private))),
            secrets,
            calls=dict(_call(each) for each in calls),
        )
    )
    for each in found:
        output().print(
            f"[bad]✗[/] {safe(each.rule)}: {safe(each.problem)}" if each.problem else f"[ok]✓[/] {safe(each.rule)}"
        )
    return ExitCode.FAILED if any(each.problem for each in found) else ExitCode.OK


def _call(pair: str) -> tuple[str, dict[str, object]]:
    name, _, arguments = pair.partition("=")
    try:
        return name, json.loads(arguments or "{}")
    except json.JSONDecodeError as error:
        raise CliError(f"--call {name}: '{arguments}' is no JSON.", exit_code=ExitCode.USAGE) from error
