"""Every call is in the audit log once, whoever reads, leaves or fails meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from services.connectors.adapters.audit import Audit
from services.connectors.adapters.tables import metadata
from services.shared.contracts.tools import CallRecord
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.errors import PlatformError
from services.shared.kit.store import Store
from services.shared.kit.tables import Tables
from tests.processes import eventually

_MANY = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "db"


@pytest.fixture
async def audit(folder: Path) -> AsyncGenerator[Audit]:
    database = open_database(sqlite_url(folder / "calls.sqlite"))
    async with Audit(Store(Tables(database, metadata)), days=1) as made:
        yield made
    database.dispose()


def record(number: int, *, outcome: str = "ok") -> CallRecord:
    return CallRecord(
        id=f"call_{number}",
        at=datetime.now(UTC),
        request_id=None,
        principal="key:tester",
        tool="shop.order_status",
        effect="read",
        arguments_sha256="0" * 64,
        outcome=outcome,
        ms=1.0,
    )


async def test_the_newest_call_is_the_last_one_noted_while_others_are_being_written(audit: Audit) -> None:
    for number in range(_MANY):
        await audit.note(record(number))
        for _ in range(number % 5):
            await asyncio.sleep(0)  # the writer gets as far as it may

        assert (await audit.newest(1))[0].id == f"call_{number}"


async def test_what_must_be_noted_first_is_stored_while_others_are_being_written(audit: Audit, folder: Path) -> None:
    for number in range(0, _MANY, 2):
        await audit.note(record(number))
        await asyncio.sleep(0)
        await audit.note_now(record(number + 1, outcome="started"))

        stored = await asyncio.to_thread(_stored, folder)
        assert f"call_{number + 1}" in stored


async def test_a_reader_who_leaves_doubles_nothing_and_loses_nothing(audit: Audit) -> None:
    for number in range(_MANY):
        await audit.note(record(number))
        reader = asyncio.create_task(audit.newest(1))
        for _ in range(number % 7):
            await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait([reader])

    assert [each.id for each in await audit.newest(1000)] == [f"call_{n}" for n in reversed(range(_MANY))]


async def test_calls_wait_for_a_database_that_takes_nothing(audit: Audit, folder: Path) -> None:
    in_its_way = folder / "calls.sqlite"
    in_its_way.mkdir()
    await audit.note(record(1))
    with pytest.raises(PlatformError):
        await audit.newest(1)
    with pytest.raises(PlatformError):
        await audit.note_now(record(2, outcome="started"))

    in_its_way.rmdir()

    async def is_stored() -> bool:
        return "call_1" in await asyncio.to_thread(_stored, folder)

    await eventually(is_stored, deadline_s=20, what="the call to be written by itself")
    assert [each.id for each in await audit.newest(10)] == ["call_1"]


def _stored(folder: Path) -> list[str]:
    """The calls another connection sees."""
    database = open_database(sqlite_url(folder / "calls.sqlite"))
    try:
        with suppress(OperationalError), database.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql("SELECT id FROM tool_calls")]
        return []  # no tables yet
    finally:
        database.dispose()
