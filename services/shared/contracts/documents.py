"""A document from the inside: its chunks as they are searched, and what became of each attempt to ingest it."""

from datetime import datetime

from pydantic import Field

from services.shared.contracts.corpus import DocumentStatus, FailureReason
from services.shared.contracts.frozen import Frozen


class DocumentChunk(Frozen):
    """A chunk of the searchable version: characters `char_start` to `char_end` of the document's text."""

    id: str = Field(description="The id that search results and citations name.")
    index: int = Field(description="Its place in the document; `after` of a listing takes it.")
    text: str
    headings: tuple[str, ...] = Field(description="Path of headings above it, outermost first.")
    page: int | None
    char_start: int
    char_end: int
    content_hash: str = Field(description="SHA-256 of what was embedded, hex.")


class DocumentVersion(Frozen):
    """One job's attempt to ingest a document, and its outcome."""

    job_id: str = Field(description="`after` and `before` of a listing take it.")
    file_id: str
    version: str | None = Field(description="SHA-256 of the bytes; None when it is not known any more.")
    status: DocumentStatus
    started_at: datetime | None = Field(description="When the job began; None while it waits.")
    ended_at: datetime | None = Field(description="When the document was settled, or of older jobs: when the job was.")
    bytes: int
    chunks: int
    reason: FailureReason | None = Field(default=None, description="Why it failed.")
    searchable: bool = Field(default=False, description="Whether this is the version that searches find now.")
