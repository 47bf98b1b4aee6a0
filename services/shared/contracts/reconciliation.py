"""What a comparison of a collection's ledger with its index found."""

from enum import StrEnum

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class Problem(StrEnum):
    """How a document's chunks in the index differ from what the ledger says."""

    INCOMPLETE = "incomplete"
    """The index does not hold as many chunks of the searchable version as the ledger says."""
    HIDDEN = "hidden"
    """The version is complete, but searches do not find all of it."""
    LEFTOVER = "leftover"
    """The index still holds chunks of another version."""
    UNKNOWN = "unknown"
    """The ledger knows no such document."""


class Discrepancy(Frozen):
    """One document that is not as it should be."""

    document_id: str
    source: str | None = Field(description="Absent where the ledger does not know the document.")
    problem: Problem
    expected: int = Field(description="Chunks there should be.")
    found: int = Field(description="Chunks there are.")
    remedy: str = Field(description="What a repair does about it, in words.")


class Reconciliation(Frozen):
    """The outcome for one collection; `jobs` ingest again what a repair found incomplete."""

    collection: str
    documents: int = Field(description="Searchable documents compared.")
    chunks: int = Field(description="Chunks the ledger says they have.")
    discrepancies: list[Discrepancy]
    repaired: bool = False
    jobs: list[str] = Field(default_factory=list)
