"""`ragworks mcp`: the platform's MCP server on stdin and stdout, for programs that start theirs.

A line is a message; it goes to the gateway, and what that answers is a line again.
"""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import IO, cast

from services.frontend.cli.exits import CliError
from services.frontend.cli.gateway import Gateway, open_gateway
from services.frontend.cli.settings import running_settings

Message = Mapping[str, object]

_AT_ONCE = 8
_NOT_JSON, _FAILED = -32700, -32603
_VERSION = "mcp-protocol-version"


def run(*, url: str | None) -> None:
    """Pass messages on until the client closes its end."""
    bridge = Bridge(open_gateway(running_settings(url=url)), sys.stdout)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for line in sys.stdin:
            if line.strip():
                pool.submit(bridge.pass_on, line)


class Bridge:
    """One client's connection."""

    def __init__(self, gateway: Gateway, out: IO[str]) -> None:
        self._gateway = gateway
        self._out = out
        self._writing = Lock()
        self._agreed: dict[str, str] = {}
        """The version that an older client agreed on; a newer one says it in every message."""

    def pass_on(self, line: str) -> None:
        """Write what the platform says to a message; nothing to a notification."""
        answer = self._answer(line)
        if answer is not None:
            with self._writing:
                self._out.write(json.dumps(answer) + "\n")
                self._out.flush()

    def _answer(self, line: str) -> Message | None:
        try:
            message = cast("Message", json.loads(line))
        except ValueError:
            return _failure(None, _NOT_JSON, "The line is not JSON.")
        try:
            answered = self._gateway.request("POST", "/mcp", body=message, headers={**self._agreed, **_said(message)})
        except CliError as error:
            identity = message.get("id")
            told = f"{error.message} {error.hint}".strip()
            return None if identity is None else _failure(identity, _FAILED, told)
        answer = cast("Message", json.loads(answered)) if answered.strip() else None
        self._agree(answer)
        return answer

    def _agree(self, answer: Message | None) -> None:
        match answer:
            case {"result": {"protocolVersion": str(version), "serverInfo": _}}:
                self._agreed = {_VERSION: version}
            case _:
                pass


def _said(message: Message) -> dict[str, str]:
    """What newer messages say of themselves, which the protocol wants in headers as well."""
    match message:
        case {"method": str(method), "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": str(version)}}}:
            return {_VERSION: version, "mcp-method": method, **_name(message)}
        case _:
            return {}


def _name(message: Message) -> dict[str, str]:
    match message:
        case {"params": {"name": str(name)}}:
            return {"mcp-name": name}
        case _:
            return {}


def _failure(identity: object, code: int, message: str) -> Message:
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": message}}
