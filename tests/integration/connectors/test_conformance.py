"""The conformance kit on built-in connectors, on what `ragworks connectors new` writes, on one that breaks rules."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from services.shared.components.connectors.conformance import check_connector
from services.shared.components.connectors.sdk import (
    Checkpoint,
    Connector,
    ConnectorConfig,
    HttpClient,
    HttpLimits,
    Secrets,
    Surroundings,
    SyncEvent,
    Upsert,
    tool,
)
from tests.integration.connectors.conftest import shop_database
from tests.platforms import ragworks
from tests.processes import REPOSITORY

_FILE = """
[[connectors]]
name = "shop"
kind = "sql"
[connectors.config]
url = "env:SHOP_DATABASE"
[connectors.config.queries.order_status]
description = "The status of an order."
sql = "SELECT id, status FROM orders WHERE id = :order"
parameters = {{order = "string"}}
[connectors.config.sync]
sql = "SELECT * FROM orders WHERE changed > CAST(:cursor AS INTEGER) ORDER BY changed"
key = "id"
title = "id"
cursor = "changed"

[[connectors]]
name = "news"
kind = "rss"
config = {{url = "{outside}/feed"}}

[[connectors]]
name = "pages"
kind = "web_page"
"""


def test_built_in_connectors_keep_to_the_rules(tmp_path: Path, outside: str) -> None:
    (tmp_path / "connectors.toml").write_text(_FILE.format(outside=outside))
    env = {"SHOP_DATABASE": f"sqlite:///{shop_database(tmp_path)}", "RAGWORKS_HOME": str(tmp_path)}
    calls = {
        "shop": 'order_status={"order": "A-17"}',
        "news": "latest",
        "pages": f'fetch={{"url": "{outside}/page"}}',
    }
    for name, call in calls.items():
        ended = ragworks(
            *("connectors", "test", name, "--call", call, "--private", outside.removeprefix("http://")),
            env=env,
            cwd=tmp_path,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "its result is what it declares" in ended.stdout


def test_what_new_writes_passes_its_own_test(tmp_path: Path) -> None:
    assert ragworks("connectors", "new", "weather", env={}, cwd=tmp_path).returncode == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "test_weather.py"]
    env = {"PYTHONPATH": f"{tmp_path}:{REPOSITORY}", "PATH": ""}
    ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr


class _Forgetful(Connector[ConnectorConfig]):
    @tool(cache_s=5)
    async def count(self) -> int:
        """Says a number that is none."""
        return "many"  # pyright: ignore[reportReturnType]

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:  # noqa: ARG002 - it forgets
        for number in range(3):
            yield Upsert(str(number), title="t", source="s", content=b"")
            yield Checkpoint(str(number))


async def test_a_connector_that_lies_and_forgets_is_found_out(tmp_path: Path) -> None:
    def make(secrets: Secrets) -> _Forgetful:
        return _Forgetful(ConnectorConfig(), Surroundings(HttpClient(limits=HttpLimits()), secrets))

    found = await check_connector(make, Secrets({}, tmp_path), calls={"count": {}})

    assert {each.rule for each in found if each.problem} == {
        "count: its result is what it declares",
        "a sync goes on after a kill at every checkpoint",
    }
