"""The ledger, on SQLite."""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from services.shared.components.catalogue import collections, documents, files, jobs, memberships, work
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.reasons import JobStop
from services.shared.contracts.corpus import Collection, DocumentStatus, JobStatus
from services.shared.kit.database import sqlite_url
from services.shared.kit.errors import ConflictError
from services.shared.kit.paging import Cursor


@pytest.fixture
def catalogue(tmp_path: Path) -> Generator[Catalogue]:
    opened = open_catalogue(sqlite_url(tmp_path / "db" / "corpus.sqlite"))
    opened.create_schema()
    yield opened
    opened.close()


def _collection(catalogue: Catalogue, name: str = "docs") -> Collection:
    with catalogue.write() as connection:
        return collections.create(connection, name=name, embedding_model="m", dimensions=3, attributes={})


def _job(catalogue: Catalogue, collection: Collection, *sources: str) -> str:
    with catalogue.write() as connection:
        entries: list[Entry] = []
        for source in sources:
            sha256 = f"{len(source):064d}"
            files.lock_blob(connection, sha256)
            record = files.create(connection, sha256=sha256, size=10, filename=source, purpose="assistants")
            entries.append(Entry(record, source, {}))
        return jobs.create(connection, collection, entries, access=("everyone",)).id


def test_the_schema_is_made_by_many_at_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "corpus.sqlite")
    failures: list[BaseException] = []

    def create() -> None:
        opened = open_catalogue(url)
        try:
            opened.create_schema()
        except BaseException as error:  # noqa: BLE001 - a thread's failure is reported below
            failures.append(error)
        finally:
            opened.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_what_a_transaction_read_cannot_change_under_it(catalogue: Catalogue) -> None:
    """Two transactions that read before they write both come through, one after the other."""
    _collection(catalogue)
    seen: list[int] = []

    def count_up() -> None:
        with catalogue.write() as connection:
            found = collections.get(connection, "docs")
            value = int(found.attributes.get("n", "0"))
            seen.append(value)
            collections.set_attributes(connection, found.id, {"n": str(value + 1)})

    threads = [threading.Thread(target=count_up) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == list(range(12))


def test_one_reading_sees_one_state_of_the_ledger(catalogue: Catalogue) -> None:
    _collection(catalogue, "first")
    with catalogue.read() as connection:
        assert [each.name for each in collections.everything(connection)] == ["first"]
        _collection(catalogue, "second")
        assert [each.name for each in collections.everything(connection)] == ["first"]
    with catalogue.read() as connection:
        assert [each.name for each in collections.everything(connection)] == ["first", "second"]


def test_a_name_is_free_only_after_its_former_collection_is_gone(catalogue: Catalogue) -> None:
    first = _collection(catalogue)
    with pytest.raises(ConflictError, match="already"):
        _collection(catalogue)
    with catalogue.write() as connection:
        collections.mark_deleting(connection, first.id)
    with pytest.raises(ConflictError, match="still being deleted"):
        _collection(catalogue)
    with catalogue.write() as connection:
        assert collections.remove(connection, first.id)

    assert _collection(catalogue).id != first.id


def test_a_collection_stays_while_a_job_runs_on_it(catalogue: Catalogue) -> None:
    collection = _collection(catalogue)
    job = _job(catalogue, collection, "a.md")
    with catalogue.write() as connection:
        assert work.begin(connection, job) is not None
        collections.mark_deleting(connection, collection.id)
        jobs.stop_all(connection, collection.id, JobStop.COLLECTION_DELETED)
        assert not collections.remove(connection, collection.id)
        jobs.finish(connection, job)
        assert collections.remove(connection, collection.id)
        ended = jobs.get(connection, job)

    assert (ended.status, ended.failed) == (JobStatus.FAILED, 1)


def test_a_queued_job_that_is_stopped_ends_at_once(catalogue: Catalogue) -> None:
    collection = _collection(catalogue)
    job = _job(catalogue, collection, "a.md", "b.md")
    with catalogue.write() as connection:
        jobs.stop(connection, job, JobStop.CANCELLED)
        ended = jobs.get(connection, job)
        counts = memberships.counts(connection, collection.id)

    assert (ended.status, ended.failed, ended.total) == (JobStatus.CANCELLED, 2, 2)
    assert counts == {DocumentStatus.FAILED: 2}


def test_a_page_starts_after_an_entry_of_its_own_collection(catalogue: Catalogue) -> None:
    """The same file in two collections is another entry in each."""
    stores = [_collection(catalogue, name) for name in ("one", "two")]
    with catalogue.write() as connection:
        files.lock_blob(connection, "0" * 64)
        shared = files.create(connection, sha256="0" * 64, size=1, filename="a", purpose="assistants")
        for store in stores:
            jobs.create(connection, store, [Entry(shared, "shared", {})], access=())
    _job(catalogue, stores[0], "x.md")
    cursor = Cursor(limit=5, after=shared.id, ascending=True)
    with catalogue.read() as connection:
        after = memberships.page(connection, stores[0].id, cursor=cursor, status=None)
        none = memberships.page(connection, stores[1].id, cursor=cursor, status=None)

    assert len(after.items) == 1
    assert none.items == []


def test_a_document_being_deleted_cannot_be_ingested_again_yet(catalogue: Catalogue) -> None:
    collection = _collection(catalogue)
    job = _job(catalogue, collection, "a.md")
    with catalogue.write() as connection:
        work.begin(connection, job)
        pending = work.pending(connection, job, first=0, count=64)[0]
        documents.mark_deleting(connection, pending.document_id)
        assert not documents.remove(connection, pending.document_id)
    with pytest.raises(ConflictError, match="still being deleted"):
        _job(catalogue, collection, "a.md")
    with catalogue.write() as connection:
        jobs.finish(connection, job)
        assert documents.remove(connection, pending.document_id)
    _job(catalogue, collection, "a.md")
