"""Jobs that are paused, resumed and retried, in the ledger on SQLite."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from services.shared.components.catalogue import collections, documents, files, job_documents, jobs, steering, work
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.files import FileRecord
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.schema import jobs as jobs_table
from services.shared.components.catalogue.work import IngestedDocument, PendingDocument, StageWork
from services.shared.contracts.corpus import DocumentStatus, FailureReason, Job, JobStatus
from services.shared.kit.database import sqlite_url
from services.shared.kit.errors import ConflictError, InvalidRequestError, NotFoundError
from services.shared.kit.paging import Cursor

REASON = FailureReason(stage="embed", code="unavailable", message="It did not come back.")


class Ledger:
    """One collection, and short ways to act on its jobs."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        with catalogue.write() as connection:
            self.collection = collections.create(
                connection, name="docs", embedding_model="m", dimensions=3, attributes={}
            )

    def file(self, source: str) -> FileRecord:
        sha256 = f"{ord(source):064d}"
        with self.catalogue.write() as connection:
            files.lock_blob(connection, sha256)
            return files.create(connection, sha256=sha256, size=10, filename=source, purpose="assistants")

    def job(self, *sources: str, access: tuple[str, ...] = ("everyone",)) -> str:
        entries = [Entry(self.file(source), source, {"shelf": source}) for source in sources]
        with self.catalogue.write() as connection:
            return jobs.create(connection, self.collection, entries, access=access).id

    def begun(self, *sources: str) -> str:
        job = self.job(*sources)
        with self.catalogue.write() as connection:
            assert work.begin(connection, job) is not None
        return job

    def failed(self, *sources: str) -> str:
        """A job that has ended without any of its documents."""
        job = self.begun(*sources)
        with self.catalogue.write() as connection:
            jobs.fail_pending(connection, job, REASON)
            jobs.finish(connection, job)
        return job

    def look(self, job: str) -> Job:
        with self.catalogue.read() as connection:
            return jobs.get(connection, job)

    def pending(self, job: str) -> list[PendingDocument]:
        with self.catalogue.read() as connection:
            return work.pending(connection, job, first=0, count=64)

    def commit(self, pending: PendingDocument) -> bool:
        done = IngestedDocument("v", "t", "text/plain", 10, 1, ("everyone",), datetime.now(UTC))
        with self.catalogue.write() as connection:
            return work.commit(connection, [(pending, done)])[0]

    def pause(self, job: str) -> Job:
        with self.catalogue.write() as connection:
            return steering.pause(connection, job)

    def park(self, job: str) -> bool:
        with self.catalogue.write() as connection:
            return work.park(connection, job)

    def resume(self, job: str) -> Job:
        with self.catalogue.write() as connection:
            return steering.resume(connection, job)

    def retry(self, job: str) -> Job:
        with self.catalogue.write() as connection:
            return steering.retry(connection, job)

    def due(self, job: str) -> list[str]:
        with self.catalogue.read() as connection:
            return work.due(connection, job)

    def to_queue(self) -> list[str]:
        with self.catalogue.read() as connection:
            return [job for job, _ in work.unfinished(connection)]


@pytest.fixture
def ledger(tmp_path: Path) -> Generator[Ledger]:
    opened = open_catalogue(sqlite_url(tmp_path / "corpus.sqlite"))
    opened.create_schema()
    yield Ledger(opened)
    opened.close()


def test_a_job_no_worker_is_at_is_paused_at_once_and_holds_back_the_later_ones(ledger: Ledger) -> None:
    earlier, paused, later = ledger.job("a"), ledger.job("b"), ledger.job("c")

    assert ledger.pause(paused).status is JobStatus.PAUSED
    assert ledger.due(later) == ledger.due(earlier) == [earlier]
    assert ledger.to_queue() == [earlier]
    assert paused in (ledger.look(later).error or "")
    assert "resume" in (ledger.look(paused).error or "")
    assert ledger.look(earlier).error is None


def test_a_paused_job_holds_back_no_other_collection(ledger: Ledger) -> None:
    ledger.pause(ledger.job("a"))
    file = ledger.file("x")
    with ledger.catalogue.write() as connection:
        other = collections.create(connection, name="other", embedding_model="m", dimensions=3, attributes={})
        elsewhere = jobs.create(connection, other, [Entry(file, "x", {})], access=()).id

    assert ledger.to_queue() == [elsewhere]


def test_a_job_at_work_is_paused_when_its_worker_lets_go(ledger: Ledger) -> None:
    job, later = ledger.begun("a", "b"), ledger.job("c")

    pausing = ledger.pause(job)
    assert (pausing.status, pausing.error is None) == (JobStatus.RUNNING, False)
    assert ledger.due(later) == [job, later]  # a worker has to let go of it first, also after a restart
    assert ledger.park(job)
    assert ledger.look(job).status is JobStatus.PAUSED
    assert ledger.due(later) == []
    assert ledger.look(job).failed == 0


def test_documents_in_hand_of_a_pausing_job_are_committed(ledger: Ledger) -> None:
    job = ledger.begun("a", "b")
    in_hand, _ = ledger.pending(job)
    ledger.pause(job)

    assert ledger.commit(in_hand)
    assert (ledger.look(job).done, len(ledger.pending(job))) == (1, 1)


def test_a_pausing_job_of_which_nothing_is_left_is_complete(ledger: Ledger) -> None:
    job = ledger.begun("a")
    ledger.pause(job)
    assert ledger.commit(ledger.pending(job)[0])
    with ledger.catalogue.write() as connection:
        jobs.finish(connection, job)

    assert (ledger.look(job).status, ledger.look(job).error) == (JobStatus.COMPLETED, None)


def test_a_worker_that_meets_a_paused_job_leaves_it_paused(ledger: Ledger) -> None:
    job = ledger.job("a")
    ledger.pause(job)
    with ledger.catalogue.write() as connection:
        met = work.begin(connection, job)

    assert met is not None
    assert met.stop is JobStop.PAUSED
    assert ledger.look(job).status is JobStatus.PAUSED


def test_a_resumed_job_goes_before_those_that_waited_for_it(ledger: Ledger) -> None:
    job, later = ledger.begun("a"), ledger.job("b")
    ledger.pause(job)
    ledger.park(job)

    resumed = ledger.resume(job)

    assert (resumed.status, resumed.error) == (JobStatus.QUEUED, None)
    assert ledger.due(later) == ledger.to_queue() == [job, later]
    assert ledger.look(later).error is None


def test_a_job_resumed_before_its_worker_let_go_is_not_paused_any_more(ledger: Ledger) -> None:
    job = ledger.begun("a")
    ledger.pause(job)
    assert ledger.resume(job).status is JobStatus.RUNNING
    assert not ledger.park(job)
    assert ledger.look(job).status is JobStatus.RUNNING


def test_pausing_and_resuming_twice_changes_nothing(ledger: Ledger) -> None:
    job = ledger.job("a")
    assert ledger.resume(job).status is JobStatus.QUEUED
    assert ledger.pause(job) == ledger.pause(job)
    assert ledger.resume(job) == ledger.resume(job)


def test_the_time_left_does_not_count_the_pause_as_work(ledger: Ledger) -> None:
    job = ledger.begun(*"abcdefghij")
    for pending in ledger.pending(job)[:5]:
        assert ledger.commit(pending)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with ledger.catalogue.write() as connection:
        work.add_work(connection, job, {"embed": StageWork(10.0, ledger.look(job).chunks)})
        connection.execute(update(jobs_table).where(jobs_table.c.id == job).values(started_at=yesterday))
    ledger.pause(job)
    ledger.park(job)
    ledger.resume(job)
    with ledger.catalogue.write() as connection:
        work.begin(connection, job)

    assert ledger.look(job).eta_seconds == pytest.approx(10.0, abs=0.2)


def test_the_time_left_is_that_of_the_slowest_stage_and_not_of_the_start(ledger: Ledger) -> None:
    job = ledger.begun(*"abcdefghij")
    for pending in ledger.pending(job)[:5]:
        assert ledger.look(job).eta_seconds is None, "too little is known"
        assert ledger.commit(pending)
    chunks = ledger.look(job).chunks
    began = datetime.now(UTC) - timedelta(seconds=100)  # 95 of them went by until the first document
    with ledger.catalogue.write() as connection:
        work.add_work(connection, job, {"parse": StageWork(96.0, 9), "embed": StageWork(5.0, chunks)})
        connection.execute(update(jobs_table).where(jobs_table.c.id == job).values(started_at=began))

    assert ledger.look(job).eta_seconds == pytest.approx(96 / 9, abs=0.2), (
        "one document is to be parsed, five are to be embedded"
    )
    with ledger.catalogue.write() as connection:
        work.add_work(connection, job, {"parse": StageWork(0.0, 1)})
    assert ledger.look(job).eta_seconds == pytest.approx(5.0, abs=0.2)


@pytest.mark.parametrize("steer", [Ledger.pause, Ledger.resume])
def test_a_job_that_has_ended_cannot_be_paused_or_resumed(ledger: Ledger, steer: Callable[[Ledger, str], Job]) -> None:
    job = ledger.failed("a")
    with pytest.raises(ConflictError, match=r"has ended: it is completed.*retry"):
        steer(ledger, job)


def test_a_job_that_is_being_cancelled_cannot_be_paused(ledger: Ledger) -> None:
    job = ledger.begun("a")
    with ledger.catalogue.write() as connection:
        jobs.stop(connection, job, JobStop.CANCELLED)
    with pytest.raises(ConflictError, match="about to end"):
        ledger.pause(job)


@pytest.mark.parametrize("steer", [Ledger.pause, Ledger.resume, Ledger.retry])
def test_an_unknown_job_cannot_be_steered(ledger: Ledger, steer: Callable[[Ledger, str], Job]) -> None:
    with pytest.raises(NotFoundError, match="job-unknown"):
        steer(ledger, "job-unknown")


@pytest.mark.parametrize(
    ("reason", "status"),
    [(JobStop.CANCELLED, JobStatus.CANCELLED), (JobStop.COLLECTION_DELETED, JobStatus.FAILED)],
)
def test_a_paused_job_that_is_stopped_for_good_ends_at_once(ledger: Ledger, reason: JobStop, status: JobStatus) -> None:
    job, later = ledger.begun("a", "b"), ledger.job("c")
    ledger.pause(job)
    ledger.park(job)
    with ledger.catalogue.write() as connection:
        jobs.stop(connection, job, reason)

    assert (ledger.look(job).status, ledger.look(job).failed) == (status, 2)
    assert ledger.due(later) == [later]


def test_a_retry_takes_what_failed_as_it_was(ledger: Ledger) -> None:
    job = ledger.begun("a", "b")
    assert ledger.commit(ledger.pending(job)[0])
    missing = ledger.pending(job)[0]
    with ledger.catalogue.write() as connection:
        jobs.fail_pending(connection, job, REASON)
        jobs.finish(connection, job)

    again = ledger.retry(job)

    assert (again.status, again.total, again.collection) == (JobStatus.QUEUED, 1, "docs")
    (retried,) = ledger.pending(again.id)
    assert (retried.file_id, retried.source, retried.attributes) == (missing.file_id, "b", {"shelf": "b"})
    with ledger.catalogue.write() as connection:
        begun = work.begin(connection, again.id)
    assert begun is not None
    assert begun.access == ("everyone",)


def test_a_retry_lets_nobody_read_more_than_before(ledger: Ledger) -> None:
    job = ledger.job("a", access=())
    with ledger.catalogue.write() as connection:
        jobs.stop(connection, job, JobStop.CANCELLED)
    again = ledger.retry(job)
    with ledger.catalogue.write() as connection:
        begun = work.begin(connection, again.id)

    assert begun is not None
    assert begun.access == ()


def test_a_document_named_twice_is_retried_as_it_was_named_last(ledger: Ledger) -> None:
    job = ledger.failed("a", "a")
    last = _file_of(ledger, job, 1)

    again = ledger.retry(job)

    assert [document.file_id for document in ledger.pending(again.id)] == [last]


def test_a_failed_entry_whose_later_one_was_ingested_is_not_retried(ledger: Ledger) -> None:
    job = ledger.begun("a", "a")
    first, second = ledger.pending(job)
    with ledger.catalogue.write() as connection:
        work.fail(connection, first, REASON, stale=False)
    assert ledger.commit(second)
    with ledger.catalogue.write() as connection:
        jobs.finish(connection, job)

    with pytest.raises(ConflictError, match="No failed document"):
        ledger.retry(job)


def test_a_job_that_runs_cannot_be_retried_yet(ledger: Ledger) -> None:
    with pytest.raises(ConflictError, match="is running; wait"):
        ledger.retry(ledger.begun("a"))


def test_a_job_without_failures_has_nothing_to_retry(ledger: Ledger) -> None:
    job = ledger.begun("a")
    assert ledger.commit(ledger.pending(job)[0])
    with ledger.catalogue.write() as connection:
        jobs.finish(connection, job)
    with pytest.raises(ConflictError, match="Nothing failed"):
        ledger.retry(job)


def test_a_second_retry_finds_that_the_first_took_over(ledger: Ledger) -> None:
    job = ledger.failed("a")
    ledger.retry(job)
    with pytest.raises(ConflictError, match="a later job took them over"):
        ledger.retry(job)


def test_a_document_deleted_since_is_not_brought_back(ledger: Ledger) -> None:
    job = ledger.failed("a", "b")
    with ledger.catalogue.write() as connection:
        documents.mark_deleting(connection, _document_of(ledger, job, 0))

    assert ledger.retry(job).total == 1


def test_a_document_whose_file_is_gone_is_not_retried(ledger: Ledger) -> None:
    job = ledger.failed("a")
    with ledger.catalogue.write() as connection:
        gone = files.get(connection, _file_of(ledger, job, 0))
        files.remove(connection, file_id=gone.id, sha256=gone.sha256)
    with pytest.raises(ConflictError, match="their files were deleted"):
        ledger.retry(job)


def test_a_job_whose_collection_was_deleted_cannot_be_retried(ledger: Ledger) -> None:
    job = ledger.failed("a")
    with ledger.catalogue.write() as connection:
        collections.mark_deleting(connection, ledger.collection.id)
    with pytest.raises(ConflictError, match="collection 'docs' was deleted"):
        ledger.retry(job)


def test_the_documents_of_a_job_come_in_its_order_with_their_reasons(ledger: Ledger) -> None:
    job = ledger.begun("a", "b", "c")
    first, second, _ = ledger.pending(job)
    assert ledger.commit(first)
    with ledger.catalogue.write() as connection:
        work.fail(connection, second, REASON, stale=False)
        everything = job_documents.page(connection, job, Cursor(ascending=True), status=None).items
        dead = job_documents.page(connection, job, Cursor(ascending=True), status=DocumentStatus.FAILED).items

    assert [(each.source, each.status) for each in everything] == [
        ("a", DocumentStatus.DONE),
        ("b", DocumentStatus.FAILED),
        ("c", DocumentStatus.PENDING),
    ]
    assert [each.reason for each in dead] == [REASON]
    assert [each.chunks for each in everything] == [1, 0, 0]


@pytest.mark.parametrize(
    ("cursor", "expected", "more"),
    [
        (Cursor(limit=2, ascending=True), "ab", True),
        (Cursor(limit=2, ascending=True, after="1"), "cd", False),
        (Cursor(limit=9, ascending=True, before="2"), "ab", False),
        (Cursor(limit=9, after="2"), "ba", False),
        (Cursor(limit=9, before="2"), "d", False),
    ],
)
def test_the_documents_of_a_job_page_both_ways(ledger: Ledger, cursor: Cursor, expected: str, more: bool) -> None:
    job = ledger.job(*"abcd")
    with ledger.catalogue.read() as connection:
        page = job_documents.page(connection, job, cursor, status=None)

    assert ("".join(each.source for each in page.items), page.has_more) == (expected, more)


@pytest.mark.parametrize("anchor", ["x", "-1", "9" * 30, "²", ""])
def test_a_page_cannot_start_at_what_is_no_position(ledger: Ledger, anchor: str) -> None:
    job = ledger.job("a")
    with ledger.catalogue.read() as connection, pytest.raises(InvalidRequestError, match="to continue the listing"):
        job_documents.page(connection, job, Cursor(after=anchor), status=None)


def test_jobs_can_be_listed_by_status(ledger: Ledger) -> None:
    ended, waiting = ledger.failed("a"), ledger.job("b")
    with ledger.catalogue.read() as connection:
        found = {
            status: [job.id for job in jobs.page(connection, Cursor(), collection="docs", status=status).items]
            for status in (JobStatus.QUEUED, JobStatus.COMPLETED, JobStatus.PAUSED, None)
        }

    assert found == {
        JobStatus.QUEUED: [waiting],
        JobStatus.COMPLETED: [ended],
        JobStatus.PAUSED: [],
        None: [waiting, ended],
    }


def _file_of(ledger: Ledger, job: str, position: int) -> str:
    with ledger.catalogue.read() as connection:
        page = job_documents.page(connection, job, Cursor(ascending=True), status=None)
    return page.items[position].file_id


def _document_of(ledger: Ledger, job: str, position: int) -> str:
    with ledger.catalogue.read() as connection:
        return job_documents.page(connection, job, Cursor(ascending=True), status=None).items[position].document_id
