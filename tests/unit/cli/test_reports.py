"""What an ingest adds up to, and the exit code it ends with."""

from datetime import UTC, datetime

from services.frontend.cli.commands.ingest import exit_code_of
from services.frontend.cli.corpus.report import IngestReport
from services.frontend.cli.exits import ExitCode
from services.shared.contracts.corpus import FailureReason, Job, JobFailure, JobStatus


def job(*, done: int, failed: int = 0) -> Job:
    return Job(
        id="job_1",
        collection="papers",
        status=JobStatus.COMPLETED,
        created_at=datetime.now(UTC),
        total=done + failed,
        done=done,
        failed=failed,
        failures=[
            JobFailure(source=f"{n}.pdf", reason=FailureReason(stage="parse", code="encrypted", message="Locked."))
            for n in range(failed)
        ],
    )


def test_everything_ingested_is_0() -> None:
    report = IngestReport("papers")
    report.take(job(done=3))
    assert exit_code_of(report) is ExitCode.OK


def test_something_failed_is_4() -> None:
    report = IngestReport("papers")
    report.take(job(done=2, failed=1))
    assert exit_code_of(report) is ExitCode.PARTLY
    assert [failure.code for failure in report.failures] == ["encrypted"]


def test_nothing_ingested_is_1() -> None:
    report = IngestReport("papers")
    report.fail("a.md", code="unreadable", message="permission denied")
    assert exit_code_of(report) is ExitCode.FAILED


def test_an_ingest_that_finds_everything_there_is_0() -> None:
    assert exit_code_of(IngestReport("papers", unchanged=5)) is ExitCode.OK


def test_a_job_that_was_cancelled_is_told() -> None:
    report = IngestReport("papers")
    report.take(job(done=1).model_copy(update={"status": JobStatus.CANCELLED}))
    assert "cancelled" in report.errors[0]
    assert exit_code_of(report) is ExitCode.PARTLY
