"""What travels with an answer beside its text: its claims, what supports them, and what was searched."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from services.shared.contracts.frozen import Frozen
from services.shared.contracts.tools import ToolCall

MOST_SEARCHES = 5


class UnsupportedPolicy(StrEnum):
    """What happens to claims that no passage supports."""

    MARK = "mark"
    """They are shown with `[unverified]` behind them."""
    DROP = "drop"
    """They are left out; a claim is shown once it has been checked."""
    OFF = "off"
    """They are shown as they are; the list of claims still says so."""


class AnswerForm(StrEnum):
    """How an answer is written."""

    PROSE = "prose"
    """In the model's own words."""
    PHRASE = "phrase"
    """A few words of the passage that holds the answer: the model only chooses among them."""


class RecordLevel(StrEnum):
    """How much of an answer is kept, from nothing to everything."""

    OFF = "off"
    METADATA = "metadata"
    """Ids, scores, verdicts, tokens and times: no word of question, passages or answer."""
    FULL = "full"


class Verdict(StrEnum):
    """What the check of a claim found."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"


class ValueKind(StrEnum):
    """Kinds of values that an answer must not make up."""

    NUMBER = "number"
    NAME = "name"
    DATE = "date"


class AnswerOptions(BaseModel):
    """The `ragworks` field of a chat request for a `rag/` model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unsupported_claims: UnsupportedPolicy | None = Field(
        default=None, description="What happens to claims that no passage supports; default: the platform's setting."
    )
    form: AnswerForm | None = Field(default=None, description="How to answer; default: the platform's setting.")
    record: RecordLevel | None = Field(
        default=None, description="How much of the answer is kept; never more than the platform's setting."
    )
    searches: int | None = Field(
        default=None,
        ge=1,
        le=MOST_SEARCHES,
        description="Most searches for the answer: parts of the question, and what a found passage names, are searched "
        "for, too; default: the platform's setting.",
    )
    tools: tuple[ToolCall, ...] = Field(
        default=(), description="Calls of tools whose results the answer is to stand on, beside the documents."
    )


class FlaggedValue(Frozen):
    """A number, name or date of an answer that stands in none of its passages."""

    kind: ValueKind
    text: str


class ClaimEvidence(Frozen):
    """The sentences of a passage that speak for a claim."""

    number: int = Field(ge=1, description="Number of the passage, as in the answer's square brackets.")
    char_start: int = Field(description="Start of `quote` in the document, in characters.")
    char_end: int
    quote: str
    support: float = Field(ge=0, le=1)


class Claim(Frozen):
    """One statement of an answer, and what the check of it found."""

    text: str
    start_index: int | None = Field(description="Where it stands in the answer, in characters; null when left out.")
    end_index: int | None
    verdict: Verdict
    support: float = Field(ge=0, le=1, description="How well the best evidence covers it.")
    evidence: list[ClaimEvidence]
    flagged: list[FlaggedValue]


class Searched(Frozen):
    """Where an answer was looked for."""

    collection: str
    passages: int = Field(ge=0, description="Passages that were read.")
    titles: list[str] = Field(description="Titles of the documents they come from, nearest first, each once.")
    queries: list[str] = Field(default_factory=list[str], description="What was searched for, in order.")
