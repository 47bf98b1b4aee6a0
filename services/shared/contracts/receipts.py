"""Receipts: what a deletion removed, signed, and what a check of one found."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.shared.contracts.frozen import Frozen
from services.shared.contracts.openai import Deleted

Subject = Literal["document", "collection", "source", "principal", "file", "sync"]
"""What was deleted; with `sync`: documents whose items vanished from a source."""


class DeletedWithReceipt(Deleted):
    """The answer to a delete; the receipt is issued when nothing is left, which may be seconds later."""

    receipt_id: str


class DeletedSource(Deleted):
    """The answer to the removal of a source; there is a receipt when its documents were deleted, too."""

    receipt_id: str | None = None


class ErasedDocument(Frozen):
    """A document that was deleted, as the ledger had it; versions of a collection count as documents of their own."""

    document_id: str
    index: str = Field(description="The physical index that had its vectors and chunks of text.")
    collection_id: str = Field(default="", description="The collection; empty in receipts of earlier releases.")
    source: str
    sha256: str | None = Field(description="Of the bytes that were searchable; None when none were.")
    chunks: int = Field(description="Chunks with their vectors that were its own; none of one that shared another's.")
    bytes: int


class ErasedFile(Frozen):
    """An original that jobs ingested the documents from."""

    file_id: str
    sha256: str
    bytes: int
    outcome: Literal["removed", "bytes_shared", "kept", "left"] = Field(
        description="removed: record and bytes are gone; bytes_shared: the record is, but another upload has the same "
        "bytes; kept: other documents stand on it; left: it was uploaded, and what was asked for leaves uploads alone."
    )


class NarrowedDocument(Frozen):
    """A document that stays for others: the principal was taken from its access list, in ledger and index."""

    document_id: str
    index: str
    collection_id: str
    source: str


class Receipt(Frozen):
    """What was removed where. `signature` is a JWS (RFC 7515, HS256) over all the rest."""

    id: str
    subject: Subject
    subject_name: str = Field(default="", description="Name of the source, the principal, or id of the file.")
    subject_id: str = Field(default="", description="Id of the source.")
    collection: str = Field(description="Empty when the subject is of no one collection.")
    collection_id: str
    requested_at: datetime
    requested_by: str | None
    issued_at: datetime | None = Field(default=None, description="When nothing was left; None while it is under way.")
    documents: list[ErasedDocument]
    files: list[ErasedFile] = Field(default_factory=list[ErasedFile])
    uploads: Literal["removed", "left"] = Field(
        default="removed", description="left: of the originals only those go that a sync had brought."
    )
    narrowed: list[NarrowedDocument] = Field(default_factory=list[NarrowedDocument])
    vectors: int = Field(default=0, description="Points removed from the indexes: vectors, text and payload of chunks.")
    job_entries: int = Field(default=0, description="Entries of jobs from which source, attributes and reasons went.")
    source_items: int = Field(default=0, description="Items of sources that were forgotten: names, hashes, reasons.")
    sync_items: int = Field(default=0, description="Entries of syncs that were removed: names, hashes, reasons.")
    jobs: list[str] = Field(default_factory=list[str], description="Jobs that were for the principal alone.")
    access_lists: int = Field(default=0, description="Access lists of jobs and sources the principal was taken from.")
    records: int = Field(default=0, description="Records of answers that lost their words, or were the principal's.")
    turns: int = Field(default=0, description="Answers that were taken from conversations, or were the principal's.")
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


class PrincipalData(Frozen):
    """What belongs to a principal: what `DELETE` would remove, and what it would only be taken from."""

    principal: str
    documents: int = Field(description="That nobody else may read; versions of a collection count each.")
    shared_documents: int = Field(description="That others may read, too: the principal is taken from their lists.")
    sources: list[str] = Field(description="Names of sources that bring documents for this principal alone.")
    shared_sources: list[str]
    jobs: int = Field(description="Jobs whose documents this principal may read.")
