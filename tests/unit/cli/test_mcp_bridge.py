"""What an agent is told over stdio when the platform cannot answer."""

import io
import json

from services.frontend.cli.commands.mcp import Bridge
from services.frontend.cli.gateway import Gateway
from tests.processes import free_port


def _told(line: str) -> dict[str, object] | None:
    out = io.StringIO()
    Bridge(Gateway(f"http://127.0.0.1:{free_port()}", "rw-key", timeout_s=5), out).pass_on(line)
    return json.loads(out.getvalue()) if out.getvalue() else None


def test_a_platform_that_is_down_is_an_error_of_the_request() -> None:
    told = _told('{"jsonrpc": "2.0", "id": 7, "method": "tools/list"}')
    assert told is not None
    assert told["id"] == 7
    assert "does not answer" in str(told["error"])


def test_notifications_are_never_answered() -> None:
    assert _told('{"jsonrpc": "2.0", "method": "notifications/initialized"}') is None


def test_what_is_not_json_is_refused() -> None:
    told = _told("hello")
    assert told is not None
    assert told["error"] == {"code": -32700, "message": "The line is not JSON."}
