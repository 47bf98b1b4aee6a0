"""The files around the engine: catalogue, journal, sparse copies, the reserve, the commit of a group."""

import asyncio
import os
from pathlib import Path

import pytest

from services.vectordb.adapters.catalogue import Catalogue
from services.vectordb.adapters.changes import Change
from services.vectordb.adapters.disk_reserve import DiskReserve
from services.vectordb.adapters.group_commit import GroupCommit
from services.vectordb.adapters.journal import Journal, read_changes
from services.vectordb.adapters.shard_copy import copy_shard, data_bytes
from services.vectordb.domain.configuration import CollectionConfig, CollectionRecord
from services.vectordb.errors import EngineError, StorageFullError

_MB = 1024 * 1024


def test_a_catalogue_reads_back_what_was_made_durable(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.json")
    record = CollectionRecord(shard="abc", config=CollectionConfig(), payload_indexes={"a": {"type": "keyword"}})
    catalogue.replace(collections={"c": record}, aliases={"x": "c"})

    again = Catalogue(tmp_path / "catalogue.json")
    again.load()
    assert again.state == catalogue.state
    assert again.state.collections["c"].payload_indexes == {"a": {"type": "keyword"}}


def test_a_catalogue_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "missing" / "catalogue.json")

    with pytest.raises(OSError, match="missing"):
        catalogue.replace(aliases={"x": "c"})
    assert catalogue.state.aliases == {}


def test_a_journal_is_read_from_any_offset_and_stops_before_a_torn_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    changes = [Change("delete", {"points": [number]}) for number in range(3)]
    for change in changes:
        journal.append(change)
    journal.close()
    with journal.path.open("ab") as file:
        file.write(b'["delete", {"poi')

    read = list(read_changes(journal.path, 0))
    assert [change for change, _ in read] == changes
    assert [change for change, _ in read_changes(journal.path, read[0][1])] == changes[1:]


def test_a_copy_of_a_sparse_file_stays_sparse_and_equal(tmp_path: Path) -> None:
    source = tmp_path / "source" / "inner"
    source.mkdir(parents=True)
    with (source / "page").open("wb") as file:
        file.truncate(32 * _MB)
        os.pwrite(file.fileno(), b"data", 20 * _MB)
    (source / "empty").touch()

    copy_shard(tmp_path / "source", tmp_path / "target")

    copied = tmp_path / "target" / "inner" / "page"
    assert copied.read_bytes() == (source / "page").read_bytes()
    assert data_bytes(tmp_path / "target") < _MB
    assert (tmp_path / "target" / "inner" / "empty").exists()


def test_the_reserve_refuses_writes_before_it_refuses_deletes(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    reserve = DiskReserve(tmp_path, min_free_bytes=2 * free)

    with pytest.raises(StorageFullError, match="nothing was written"):
        reserve.check_write()
    reserve.check_delete()
    DiskReserve(tmp_path, min_free_bytes=0).check_write()


async def test_writers_that_wait_together_share_one_flush() -> None:
    flushes: list[int] = []
    commit = GroupCommit(lambda: flushes.append(1))

    await asyncio.gather(*(commit.commit() for _ in range(10)))
    await commit.commit()

    assert len(flushes) == 2


async def test_a_failed_flush_reaches_every_writer_and_the_next_one_tries_again() -> None:
    failures = [EngineError("broken")]

    def flush() -> None:
        if failures:
            raise failures.pop()

    commit = GroupCommit(flush)
    outcomes = await asyncio.gather(commit.commit(), commit.commit(), return_exceptions=True)
    await commit.commit()

    assert [type(outcome) for outcome in outcomes] == [EngineError, EngineError]
