"""What an ingest did, in numbers that add up."""

from dataclasses import asdict, dataclass, field

from services.shared.contracts.corpus import Job, JobStatus


@dataclass(frozen=True)
class Failure:
    """A document that is not in the collection, and why."""

    source: str
    code: str
    message: str


@dataclass
class IngestReport:
    """The outcome of one `ragworks ingest`."""

    collection: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    done: int = 0
    failed: int = 0
    chunks: int = 0
    hidden: int = 0
    excluded: int = 0
    seconds: float = 0.0
    jobs: list[str] = field(default_factory=list[str])
    errors: list[str] = field(default_factory=list[str])
    failures: list[Failure] = field(default_factory=list[Failure])

    def fail(self, source: str, *, code: str, message: str) -> None:
        """Count a document that failed before a job saw it."""
        self.failed += 1
        self.failures.append(Failure(source, code, message))

    def take(self, job: Job) -> None:
        """Add the counts of a job that has ended."""
        self.collection = job.collection
        self.done += job.done
        self.unchanged += job.unchanged
        self.failed += job.failed
        self.chunks += job.chunks
        self.failures += [
            Failure(failure.source, failure.reason.code, failure.reason.message) for failure in job.failures
        ]
        if job.status is not JobStatus.COMPLETED:
            self.errors.append(f"The job {job.id} is {job.status.value}: {job.error or 'no reason given'}.")

    def as_dict(self) -> dict[str, object]:
        """The report for `--json`."""
        return asdict(self)
