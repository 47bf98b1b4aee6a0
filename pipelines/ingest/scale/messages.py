"""What travels between the ingest worker, its driver process and the workers on the cluster, and how."""

import pickle
from dataclasses import dataclass, field

from pipelines.ingest.draft import Stored
from pipelines.ingest.settings import IngestSettings
from services.shared.components.catalogue.work import PendingDocument, RunningJob, StageWork, Standing
from services.shared.contracts.corpus import FailureReason


@dataclass(frozen=True)
class Task:
    """A document that a worker is to ingest."""

    pending: PendingDocument
    standing: Standing


@dataclass(frozen=True)
class GaveUp:
    """A service did not come back within the patience of a worker."""

    stage: str
    code: str
    message: str


@dataclass
class Report:
    """What a worker made of its tasks: those in neither list were not begun, or were left when it gave up."""

    stored: list[Stored] = field(default_factory=list[Stored])
    failed: list[tuple[PendingDocument, FailureReason]] = field(
        default_factory=list[tuple[PendingDocument, FailureReason]]
    )
    work: dict[str, StageWork] = field(default_factory=dict[str, StageWork])
    gave_up: GaveUp | None = None


@dataclass(frozen=True)
class Connect:
    """To the driver, first of all: the cluster, and what the workers need to know."""

    settings: IngestSettings


@dataclass(frozen=True)
class Run:
    """To the driver: have these tasks of one job done."""

    job: RunningJob
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Stop:
    """To the driver: no further task is to be begun."""


@dataclass(frozen=True)
class Connected:
    """From the driver: the cluster is there."""


@dataclass(frozen=True)
class Waits:
    """From the driver: what the workers wait for; None: nothing any more."""

    message: str | None


@dataclass(frozen=True)
class Ended:
    """From the driver: the run is over; `error` is why it did not get to its end."""

    error: str | None = None


Request = Connect | Run | Stop
Answer = Connected | Report | Waits | Ended


def encode(message: Request | Answer | tuple[Task, ...]) -> bytes:
    """The message as bytes."""
    return pickle.dumps(message)


def decode(body: bytes) -> object:
    """The message; its sender is one of our own processes, and has seen documents only as parsed text."""
    return pickle.loads(body)  # noqa: S301 - see above
