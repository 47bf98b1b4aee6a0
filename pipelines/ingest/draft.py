"""A document on its way through the pipeline."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.shared.components.catalogue.work import IngestedDocument, PendingDocument, RunningJob
from services.shared.components.chunkers.chunk import Chunk
from services.shared.contracts.corpus import FailureReason


@dataclass
class Draft:
    """A chunked document; `unindexed` counts down to its commit, `given_up` says that it will not come to it."""

    job: RunningJob
    pending: PendingDocument
    version: str
    former_version: str | None
    title: str
    media_type: str
    bytes: int
    chunks: list[Chunk]
    unindexed: int
    given_up: bool = False
    ingested_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def ingested(self) -> IngestedDocument:
        """The document as the ledger will have it."""
        return IngestedDocument(
            version=self.version,
            title=self.title,
            media_type=self.media_type,
            bytes=self.bytes,
            chunks=len(self.chunks),
            access=self.job.access,
            ingested_at=self.ingested_at,
        )


@dataclass(frozen=True)
class Piece:
    """One chunk of a draft."""

    draft: Draft
    chunk: Chunk


class DocumentFailedError(Exception):
    """This document cannot be ingested; the job goes on."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason.message)
        self.reason = reason
