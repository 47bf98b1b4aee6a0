"""The database: durable, patient, and clear about a full disk."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import IntegrityError

from services.shared.kit.database import open_database, sqlite_url, storage_errors
from services.shared.kit.errors import StorageFullError, UnavailableError


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    engine = open_database(sqlite_url(tmp_path / "db" / "test.sqlite"))
    with engine.begin() as connection:
        connection.execute(text("create table notes (id integer primary key, body blob not null)"))
    return engine


def count(connection: Connection) -> int:
    return int(connection.execute(text("select count(*) from notes")).scalar_one())


def insert_two(database: Engine) -> None:
    with storage_errors(), database.begin() as connection:
        connection.execute(text("insert into notes (body) values ('small')"))
        connection.execute(text("insert into notes (body) values (zeroblob(1000000))"))


def test_sqlite_is_opened_for_durable_concurrent_use(database: Engine) -> None:
    with database.connect() as connection:
        found = {
            name: connection.execute(text(f"pragma {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_full_disk_is_told_and_nothing_of_the_transaction_is_kept(database: Engine) -> None:
    # SQLite's own limit on pages raises the very error that a full disk does.
    event.listen(database, "begin", lambda connection: connection.exec_driver_sql("pragma max_page_count = 20"))
    with pytest.raises(StorageFullError, match="disk is full"):
        insert_two(database)
    with database.begin() as connection:
        assert count(connection) == 0
        connection.execute(text("insert into notes (body) values ('fits')"))


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder.sqlite").mkdir()
    broken = open_database(f"sqlite:///{tmp_path / 'folder.sqlite'}")
    with pytest.raises(UnavailableError, match="unable to open database file"), storage_errors():
        broken.connect()


def test_a_broken_rule_of_the_schema_is_nobodys_outage(database: Engine) -> None:
    with pytest.raises(IntegrityError), storage_errors(), database.begin() as connection:
        connection.execute(text("insert into notes (body) values (null)"))
