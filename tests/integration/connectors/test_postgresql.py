"""A real PostgreSQL as an outside system: what it refuses by itself, and what its rows become."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.shared.components.connectors.conformance import OutsideChanges, check_connector
from services.shared.components.connectors.connector import Connector
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import Conditions, open_connector
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.secrets import Secrets
from services.shared.components.connectors.sql_database import ReadOnlyDatabase
from tests.processes import free_port, stop_process, wait_until

_CONFIG = {
    "url": "env:DATABASE",
    "queries": {
        "order_status": {
            "description": "The status of an order.",
            "sql": "SELECT id, status FROM orders WHERE id = :order",
            "parameters": {"order": "string"},
        }
    },
    "sync": {
        "sql": "SELECT * FROM orders WHERE changed > CAST(:cursor AS timestamptz) ORDER BY changed",
        "first": "-infinity",
        "key": "id",
        "title": "id",
        "cursor": "changed",
        "deleted": "gone",
        "access": "readers",
    },
}
_CHANGE = "UPDATE orders SET {}, changed = clock_timestamp() WHERE id = 'A-17'"


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    """A server's URL, with the rights of its superuser: the worst that an operator can give."""
    found = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)), None)
    program = found or (Path(path) if (path := shutil.which("postgres")) else None)
    if program is None:
        pytest.skip("PostgreSQL is not installed here")
    user = "postgres" if os.geteuid() == 0 else None  # the server does not run as root
    folder, port = Path(tempfile.mkdtemp(prefix="ragworks-pg-")), free_port()
    try:
        if user:
            shutil.chown(folder, user)
        make = [str(program.with_name("initdb")), "-D", str(folder / "data"), "-U", "tester", "-A", "trust", "-N"]
        subprocess.run(make, user=user, cwd=folder, check=True, capture_output=True)
        options = ["-p", str(port), "-k", "", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        server = subprocess.Popen(
            [str(program), "-D", str(folder / "data"), *options], user=user, cwd=folder, stderr=subprocess.DEVNULL
        )
        try:
            url = f"postgresql://tester@127.0.0.1:{port}/postgres"
            wait_until(lambda: _fill(url), deadline_s=30, what="the server to take a table")
            yield url
        finally:
            stop_process(server)
    finally:
        shutil.rmtree(folder)


def _fill(url: str) -> bool:
    try:
        _run(
            url,
            "CREATE TABLE orders (id text PRIMARY KEY, status text, changed timestamptz DEFAULT clock_timestamp(), "
            "gone boolean DEFAULT false, readers text DEFAULT 'everyone')",
        )
    except psycopg.OperationalError:
        return False
    _run(url, "INSERT INTO orders (id, status) SELECT 'A-' || n, 'waiting' FROM generate_series(1, 1200) AS n")
    return True


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement.encode())


def _make(secrets: Secrets) -> Connector[Any]:
    return open_connector(Declared(name="shop", kind="sql", config=_CONFIG), Conditions(secrets))


async def test_rows_are_asked_for_told_and_gone_on_with_from_a_time(database: str, tmp_path: Path) -> None:
    async def change(assignment: str) -> str:
        await asyncio.to_thread(_run, database, _CHANGE.format(assignment))
        return "A-17"

    found = await check_connector(
        _make,
        Secrets({"DATABASE": database}, tmp_path),
        calls={"order_status": {"order": "A-17"}, "schema": {}},
        outside=OutsideChanges(
            edit=lambda: change("status = 'shipped'"),
            readers=lambda: change("readers = 'key:eve'"),
            delete=lambda: change("gone = true"),
        ),
    )

    assert [each for each in found if each.problem] == []
    assert {"what is changed is told", "what is deleted is told"} <= {each.rule for each in found}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "CREATE TABLE taken AS SELECT * FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
        "SELECT id FROM orders FOR UPDATE",
        "SELECT nextval('counter')",
    ],
)
def test_what_got_past_the_parser_is_refused_by_the_connection(database: str, statement: str) -> None:
    _run(database, "CREATE SEQUENCE IF NOT EXISTS counter")
    with pytest.raises(ConnectorError) as refused:
        ReadOnlyDatabase(database, timeout_s=5).query(statement, {}, most=5)

    assert refused.value.code == "statement_refused"
    assert len(ReadOnlyDatabase(database, timeout_s=5).query("SELECT id FROM orders", {}, most=2_000).rows) == 1200


def test_a_statement_that_takes_too_long_is_stopped_by_the_server(database: str) -> None:
    with pytest.raises(ConnectorError) as stopped:
        ReadOnlyDatabase(database, timeout_s=0.3).query("SELECT pg_sleep(20)", {}, most=1)

    assert stopped.value.code == "timeout"
