"""What a collection does about the same content under several sources."""

from enum import StrEnum

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class NearDuplicates(StrEnum):
    """What becomes of a document that is almost another one of its collection."""

    REPORT = "report"
    """It is ingested, and the collection's report of duplicates names it."""
    SUPPRESS = "suppress"
    """It is left out; its job says so."""


class Deduplication(Frozen):
    """How a collection treats equal and almost equal documents."""

    exact: bool = Field(default=True, description="Equal files with the same attributes and readers share one copy.")
    near: NearDuplicates = NearDuplicates.REPORT
    threshold: float = Field(
        default=0.8,
        ge=0.5,
        le=1,
        description="Share of common word sequences that makes documents almost equal.",
    )
