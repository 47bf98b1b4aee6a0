"""Records are stored whatever happens to the database, and no answer waits for that."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, inspect

from services.orchestrator.adapters import record_keeper, records
from services.orchestrator.adapters.housekeeping import Housekeeping, Limit
from services.orchestrator.adapters.record_keeper import RecordKeeper
from services.orchestrator.adapters.records import RecordFilter
from services.orchestrator.adapters.tables import metadata
from services.orchestrator.domain.events import Found, Text
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.recording import RecordDraft, allowed_level
from services.orchestrator.domain.viewer import Viewer
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.principals import OPERATOR
from services.shared.contracts.records import RecordSummary
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.errors import NotFoundError, UnavailableError
from services.shared.kit.paging import Cursor
from services.shared.kit.store import Store
from services.shared.kit.tables import Tables
from tests.processes import eventually
from tests.unit.orchestrator.passages import passage

QUESTION = Question(
    collection="docs", text="what is it", system="", history=(), sampling={}, answer_tokens=50, include_usage=False
)
EVERYTHING = Viewer(OPERATOR)
FULL, METADATA, OFF = RecordLevel.FULL, RecordLevel.METADATA, RecordLevel.OFF


@pytest.fixture
def database(tmp_path: Path) -> Generator[Engine]:
    made = open_database(sqlite_url(tmp_path / "later" / "db.sqlite"))
    yield made
    made.dispose()


@pytest.fixture
def store(database: Engine) -> Store:
    return Store(Tables(database, metadata))


def draft(identity: str, *, level: RecordLevel = FULL, at: datetime | None = None) -> RecordDraft:
    made = RecordDraft(identity, QUESTION, level, "request", "key:tester", created_at=at or datetime.now(UTC))
    made.note(Found(["what is it"], [passage("It is a ferry.")]))
    made.note(Text("A ferry."))
    return made


async def stored(keeper: RecordKeeper) -> list[RecordSummary]:
    page = await keeper.read(partial(records.page, wanted=RecordFilter(), cursor=Cursor(1000), viewer=EVERYTHING))
    return page.items


async def tidied(store: Store, *, days: float) -> None:
    await Housekeeping(store, [Limit("records", days, records.remove_older)]).tidy()


def lost(reason: str) -> float:
    return REGISTRY.get_sample_value("ragworks_records_lost_total", {"reason": reason}) or 0.0


async def test_an_answer_can_be_read_as_soon_as_it_has_ended(store: Store) -> None:
    async with RecordKeeper(store) as keeper:
        keeper.keep(draft("a"))
        assert [record.id for record in await stored(keeper)] == ["a"]


async def test_what_waits_at_shutdown_is_stored(store: Store) -> None:
    async with RecordKeeper(store) as keeper:
        for number in range(250):
            keeper.keep(draft(f"a{number}"))
    async with RecordKeeper(store) as again:
        assert len(await stored(again)) == 250


async def test_nothing_is_kept_of_an_answer_that_is_not_to_be(store: Store) -> None:
    async with RecordKeeper(store) as keeper:
        keeper.keep(draft("a", level=OFF))
        assert await stored(keeper) == []


async def test_while_the_database_is_away_records_wait_for_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_keeper, "_AFTER_FAILURE_S", 0.05)
    (tmp_path / "later").rename(tmp_path / "away")
    async with RecordKeeper(store) as keeper:
        keeper.keep(draft("a"))
        with pytest.raises(UnavailableError):
            await stored(keeper)
        (tmp_path / "away").rename(tmp_path / "later")

        async def is_stored() -> bool:
            return [record.id for record in await stored(keeper)] == ["a"]

        await eventually(is_stored, deadline_s=5, what="the record that waited")


async def test_a_full_queue_loses_the_newest_and_counts_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_keeper, "_CAPACITY", 2)
    before = lost("queue_full")
    async with RecordKeeper(store) as keeper:
        for name in ("a", "b", "c"):
            keeper.keep(draft(name))
        assert {record.id for record in await stored(keeper)} == {"a", "b"}
    assert lost("queue_full") == before + 1


async def test_a_record_that_no_database_takes_does_not_hold_up_the_others(store: Store) -> None:
    before = lost("refused")
    async with RecordKeeper(store) as keeper:
        for name in ("a", "same", "same", "b"):
            keeper.keep(draft(name))
        assert {record.id for record in await stored(keeper)} == {"a", "same", "b"}
    assert lost("refused") == before + 1


async def test_records_past_their_time_are_deleted_and_others_stay(store: Store) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=31)
    async with RecordKeeper(store) as keeper:
        for number in range(1_100):
            keeper.keep(draft(f"old{number}", at=long_ago))
        keeper.keep(draft("new"))
        await tidied(store, days=0)
        assert len(await stored(keeper)) == 1_000
        await tidied(store, days=30)
        assert [record.id for record in await stored(keeper)] == ["new"]


async def test_a_deleted_record_leaves_no_row_behind(store: Store, database: Engine) -> None:
    async with RecordKeeper(store) as keeper:
        keeper.keep(draft("a"))
        await keeper.write(partial(records.remove, record_id="a", viewer=EVERYTHING))
    with database.connect() as connection:
        rows = {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()  # noqa: S608 - our own tables
            for name in inspect(database).get_table_names()
        }
    assert set(rows.values()) == {0}


async def test_nobody_sees_records_without_a_principal_but_the_operator(store: Store) -> None:
    async with RecordKeeper(store) as keeper:
        keeper.keep(replace(draft("a"), principal=None))
        with pytest.raises(NotFoundError):
            await keeper.read(partial(records.get, record_id="a", viewer=Viewer("key:tester")))
        assert (await keeper.read(partial(records.get, record_id="a", viewer=EVERYTHING))).principal is None


@pytest.mark.parametrize(
    ("setting", "asked", "store", "kept"),
    [
        (FULL, None, True, FULL),
        (FULL, None, False, METADATA),
        (FULL, OFF, True, OFF),
        (METADATA, FULL, True, METADATA),
        (OFF, FULL, True, OFF),
        (FULL, OFF, False, OFF),
    ],
)
def test_a_request_can_ask_for_less_never_for_more(
    setting: RecordLevel, asked: RecordLevel | None, *, store: bool, kept: RecordLevel
) -> None:
    assert allowed_level(setting, asked, store=store) is kept
