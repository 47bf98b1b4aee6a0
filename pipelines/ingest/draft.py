"""A document on its way through the pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from services.shared.components.catalogue.signatures import Signature
from services.shared.components.catalogue.work import IngestedDocument, PendingDocument, RunningJob
from services.shared.components.chunkers.chunk import Chunk
from services.shared.contracts.corpus import FailureReason


@dataclass
class Draft:
    """A chunked document; `unindexed` counts down to its commit, `given_up` says that it will not come to it.

    `former_owner` is the document that has the chunks of its former version, mostly itself; `shared` says that others
    refer to those chunks.
    """

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
    former_owner: str = ""
    shared: bool = False
    language: str | None = None
    signature: Signature | None = None
    warnings: tuple[str, ...] = ()
    former_vectors: Mapping[str, Sequence[float]] | None = None  # by content hash, once looked up
    ingested_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def replaces(self) -> bool:
        """Whether another version is searchable until this one is complete."""
        return self.former_version not in {None, self.version}

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
            language=self.language,
            signature=self.signature,
            warnings=self.warnings,
        )

    def stored(self) -> "Stored":
        """What the ledger is to learn once all points are there."""
        return Stored(self.pending, self.ingested(), replaces=self.replaces)


@dataclass(frozen=True)
class Stored:
    """A document all of whose new points are in the index, hidden until then if it replaces others."""

    pending: PendingDocument
    ingested: IngestedDocument
    replaces: bool


@dataclass(frozen=True)
class Piece:
    """One chunk of a draft."""

    draft: Draft
    chunk: Chunk

    @property
    def content_hash(self) -> str:
        """Of what the model reads: equal chunks have equal vectors."""
        return sha256(self.chunk.embedding_text.encode()).hexdigest()


class JobPausedError(Exception):
    """The job is to pause: the document stays pending."""


class DocumentFailedError(Exception):
    """This document cannot be ingested; the job goes on."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason.message)
        self.reason = reason
