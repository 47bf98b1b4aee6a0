"""The conformance kit on built-in connectors, on what `ragworks connectors new` writes, on one that breaks rules."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest

from services.shared.components.connectors.conformance import Make, OutsideChanges, check_connector
from services.shared.components.connectors.conformance_rules import Change
from services.shared.components.connectors.conformance_troubles import check_troubles
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import Conditions, open_connector
from services.shared.components.connectors.pytest_plugin import Conformance
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

[[connectors]]
name = "weather"
kind = "mcp"
config = {{url = "{server}/mcp/", reads = ["forecast"]}}

[[connectors]]
name = "store"
kind = "openapi"
config = {{spec = "{server}/openapi.json", operations = ["stock"]}}
"""


def test_built_in_connectors_keep_to_the_rules(tmp_path: Path, outside: str, server: str) -> None:
    (tmp_path / "connectors.toml").write_text(_FILE.format(outside=outside, server=server))
    env = {"SHOP_DATABASE": f"sqlite:///{shop_database(tmp_path)}", "RAGWORKS_HOME": str(tmp_path)}
    calls = {
        "shop": 'order_status={"order": "A-17"}',
        "news": "latest",
        "pages": f'fetch={{"url": "{outside}/page"}}',
        "weather": 'forecast={"city": "Bergen"}',
        "store": 'stock={"item": "pears"}',
    }
    for name, call in calls.items():
        private = [option for each in (outside, server) for option in ("--private", each.removeprefix("http://"))]
        ended = ragworks("connectors", "test", name, "--call", call, *private, env=env, cwd=tmp_path)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "its result is what it declares" in ended.stdout
        assert ("does not answer" in ended.stdout) is (name != "shop"), "databases are not asked over HTTP"


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
            yield Upsert(str(number), title="t", source=str(number), content=b"")
            yield Checkpoint(str(number))


class _Trusting(Connector[ConnectorConfig]):
    @tool()
    async def first(self) -> str:
        """The first word that the system says."""
        answer = await self.http.get("http://system.invalid/")
        return answer.body.decode().split()[0]

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:  # noqa: ARG002 - it needs none
        answer = await self.http.get("http://system.invalid/")
        if answer.status == 200 and answer.media_type == "text/plain":
            yield Upsert("a", title="t", source="s", content=answer.body)
        yield Checkpoint("1")


async def test_a_connector_that_takes_a_system_in_trouble_for_an_empty_one_is_found_out(tmp_path: Path) -> None:
    def make(secrets: Secrets) -> _Trusting:
        return _Trusting(ConnectorConfig(), Surroundings(HttpClient(limits=HttpLimits(timeout_s=1)), secrets))

    found = await check_troubles(make, Secrets({}, tmp_path), calls={"first": {}})

    problems = {each.rule: each.problem for each in found if each.problem}
    assert "UnicodeDecodeError" in str(problems["first: the system answers with nonsense"])
    assert "IndexError" in str(problems["first: the system is broken"])
    assert problems["its sync: the system is broken"] == "it ends as if nothing were wrong"
    assert "its sync: the system does not answer" in {each.rule for each in found if not each.problem}


async def test_a_database_tells_what_is_changed_deleted_and_hidden(tmp_path: Path) -> None:
    database = shop_database(tmp_path)
    _run(database, "ALTER TABLE orders ADD COLUMN readers DEFAULT 'everyone'", "ALTER TABLE orders ADD COLUMN gone")
    config = {"url": "env:SHOP_DATABASE", "sync": {**_SYNC, "access": "readers", "deleted": "gone"}}
    found = await check_connector(
        _maker(Declared(name="shop", kind="sql", config=config)),
        Secrets({"SHOP_DATABASE": f"sqlite:///{database}"}, tmp_path),
        calls={},
        outside=OutsideChanges(
            edit=_change(database, "UPDATE orders SET city = 'Bodø', changed = 3 WHERE id = 'A-17'"),
            readers=_change(database, "UPDATE orders SET readers = 'key:eve', changed = 4 WHERE id = 'A-17'"),
            delete=_change(database, "UPDATE orders SET gone = 1, changed = 5 WHERE id = 'A-17'"),
        ),
    )

    assert [each for each in found if each.problem] == []
    told = {"what is changed is told", "a change of readers is told", "what is deleted is told", "who may read is said"}
    assert told <= {each.rule for each in found}


async def test_a_database_that_reports_no_deletions_is_found_out_when_it_says_it_does(tmp_path: Path) -> None:
    database = shop_database(tmp_path)
    _run(database, "ALTER TABLE orders ADD COLUMN gone")
    config = {"url": "env:SHOP_DATABASE", "sync": {**_SYNC, "deleted": "gone"}}
    found = await check_connector(
        _maker(Declared(name="shop", kind="sql", config=config)),
        Secrets({"SHOP_DATABASE": f"sqlite:///{database}"}, tmp_path),
        calls={},
        outside=OutsideChanges(delete=_change(database, "DELETE FROM orders WHERE id = 'A-17'")),
    )

    (problem,) = [each.problem for each in found if each.problem]
    assert "a pull from the last checkpoint does not report it" in str(problem)


_SYNC = {
    "sql": "SELECT * FROM orders WHERE changed > CAST(:cursor AS INTEGER) ORDER BY changed",
    "key": "id",
    "title": "id",
    "cursor": "changed",
}


def _maker(declared: Declared) -> Make:
    return lambda secrets: open_connector(declared, Conditions(secrets))


def _run(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for each in statements:
            connection.execute(each)


def _change(database: Path, statement: str) -> Change:
    async def change() -> str:
        await asyncio.to_thread(_run, database, statement)
        return "A-17"

    return change


def test_the_fixture_of_pytest_fails_with_every_rule_that_is_broken(connector_conformance: Conformance) -> None:
    def make(secrets: Secrets) -> _Forgetful:
        return _Forgetful(ConnectorConfig(), Surroundings(HttpClient(limits=HttpLimits()), secrets))

    with pytest.raises(pytest.fail.Exception, match="a kill at every checkpoint: after checkpoint 1"):
        connector_conformance(make)


async def test_a_connector_that_lies_and_forgets_is_found_out(tmp_path: Path) -> None:
    def make(secrets: Secrets) -> _Forgetful:
        return _Forgetful(ConnectorConfig(), Surroundings(HttpClient(limits=HttpLimits()), secrets))

    found = await check_connector(make, Secrets({}, tmp_path), calls={"count": {}})

    assert {each.rule for each in found if each.problem} == {
        "count: its result is what it declares",
        "a sync goes on after a kill at every checkpoint",
    }
