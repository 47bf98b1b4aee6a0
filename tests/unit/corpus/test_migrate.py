"""A ledger that an older version made gets what a newer one needs."""

import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Connection, Integer, MetaData, String, Table, inspect

from services.shared.components.catalogue import collections
from services.shared.components.catalogue.catalogue import open_catalogue
from services.shared.components.catalogue.collections import CollectionChoices
from services.shared.contracts.chunking import ChunkerName, Chunking
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.migrate import add_missing_columns


@pytest.fixture
def connection(tmp_path: Path) -> Generator[Connection]:
    """A transaction on a database with a table of two columns and a row."""
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        old.execute("INSERT INTO shelves (name) VALUES ('left')")
    engine = open_database(sqlite_url(path))
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def _metadata(*columns: Column[Any]) -> MetaData:
    wanted = MetaData()
    Table("shelves", wanted, Column("id", Integer, primary_key=True), Column("name", String, nullable=False), *columns)
    return wanted


def test_missing_columns_are_added_and_rows_stay(connection: Connection) -> None:
    wanted = _metadata(
        Column("order", JSON),
        Column("place", String(16), index=True),
        Column("size", Integer, nullable=False, server_default="3"),
    )

    added = add_missing_columns(connection, wanted)

    assert added == ["shelves.order", "shelves.place", "shelves.size"]
    assert connection.execute(wanted.tables["shelves"].select()).all() == [(1, "left", None, None, 3)]
    assert [index["column_names"] for index in inspect(connection).get_indexes("shelves")] == [["place"]]


def test_adding_again_does_nothing(connection: Connection) -> None:
    wanted = _metadata(Column("place", String(16), index=True))
    add_missing_columns(connection, wanted)

    assert add_missing_columns(connection, wanted) == []


def test_tables_that_do_not_exist_are_left_to_who_creates_them(connection: Connection) -> None:
    wanted = _metadata()
    Table("rooms", wanted, Column("id", Integer, primary_key=True))

    assert add_missing_columns(connection, wanted) == []
    assert not inspect(connection).has_table("rooms")


def test_a_column_that_rows_cannot_have_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match=r"shelves\.place cannot be added"):
        add_missing_columns(connection, _metadata(Column("place", String(16), nullable=False)))


def test_collections_of_an_older_ledger_are_cut_as_before_and_new_ones_as_chosen(tmp_path: Path) -> None:
    path = tmp_path / "corpus.sqlite"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE collections (seq INTEGER PRIMARY KEY, id VARCHAR(64) NOT NULL UNIQUE, "
            "name VARCHAR(64) NOT NULL UNIQUE, created_at DOUBLE NOT NULL, embedding_model TEXT NOT NULL, "
            "dimensions INTEGER NOT NULL, attributes JSON NOT NULL, deleting BOOLEAN NOT NULL)"
        )
        old.execute("INSERT INTO collections VALUES (1, 'vs_1', 'old', 1.0, 'm', 3, '{}', 0)")
    chosen = Chunking(chunker=ChunkerName.SENTENCE, max_tokens=128, overlap_tokens=16)
    catalogue = open_catalogue(sqlite_url(path))

    catalogue.create_schema()

    with catalogue.write() as connection:
        choices = CollectionChoices(chunking=chosen)
        collections.create(connection, name="new", embedding_model="m", dimensions=3, attributes={}, choices=choices)
        found = {name: collections.get(connection, name).chunking for name in ("old", "new")}
    catalogue.close()
    assert found == {"old": None, "new": chosen}
