"""Receipts: what a deletion removed, signed, and what a check of one found."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.shared.contracts.frozen import Frozen
from services.shared.contracts.openai import Deleted


class DeletedWithReceipt(Deleted):
    """The answer to a delete; the receipt is issued when nothing is left, which may be seconds later."""

    receipt_id: str


class ErasedDocument(Frozen):
    """A document that was deleted, as the ledger had it; versions of a collection count as documents of their own."""

    document_id: str
    index: str = Field(description="The physical index that had its vectors and chunks of text.")
    source: str
    sha256: str | None = Field(description="Of the bytes that were searchable; None when none were.")
    chunks: int = Field(description="Chunks with their vectors that were its own; none of one that shared another's.")
    bytes: int


class ErasedFile(Frozen):
    """An original that jobs ingested the documents from."""

    file_id: str
    sha256: str
    bytes: int
    outcome: Literal["removed", "bytes_shared", "kept"] = Field(
        description="removed: record and bytes are gone; bytes_shared: the record is, but another upload has the same "
        "bytes; kept: other documents stand on it."
    )


class Receipt(Frozen):
    """What was removed where. `signature` is a JWS (RFC 7515, HS256) over all the rest."""

    id: str
    subject: Literal["document", "collection"]
    collection: str
    collection_id: str
    requested_at: datetime
    requested_by: str | None
    issued_at: datetime | None = Field(default=None, description="When nothing was left; None while it is under way.")
    documents: list[ErasedDocument]
    files: list[ErasedFile] = Field(default_factory=list[ErasedFile])
    vectors: int = Field(default=0, description="Points removed from the indexes: vectors, text and payload of chunks.")
    job_entries: int = Field(default=0, description="Entries of jobs from which source, attributes and reasons went.")
    signature: str | None = None


class Verification(Frozen):
    """What a check of a receipt found."""

    receipt_id: str
    signature_valid: bool
    remains: list[str] = Field(description="What is still there, in words; it should be empty.")
    notes: list[str] = Field(default_factory=list[str], description="What was put in again since; no fault.")

    @property
    def ok(self) -> bool:
        """Whether the receipt is genuine and nothing is left."""
        return self.signature_valid and not self.remains
