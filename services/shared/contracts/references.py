"""What answers keep of documents, and of a principal: asked of the orchestrator when something is deleted."""

from datetime import datetime

from pydantic import Field

from services.shared.contracts.frozen import Frozen

REFERENCES = "/references"
FORGET = f"{REFERENCES}/forget"
MOST_DOCUMENTS = 1_000


class ReferencesTo(Frozen):
    """All that was asked until a moment and stands on one of the documents, or is the principal's own."""

    document_ids: list[str] = Field(default_factory=list[str], max_length=MOST_DOCUMENTS)
    principal: str | None = None
    until: datetime


class References(Frozen):
    """How much of that there is."""

    records: int = Field(ge=0, description="Records of answers.")
    turns: int = Field(ge=0, description="Answered turns of conversations.")

    def __add__(self, other: "References") -> "References":
        return References(records=self.records + other.records, turns=self.turns + other.turns)


NO_REFERENCES = References(records=0, turns=0)
