"""Records of answers: what was asked, read, said and checked, and what people think of it."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.shared.contracts.answers import Claim, RecordLevel
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.openai import Citation, Usage
from services.shared.contracts.search import PassageScores

MOST_FEEDBACK_CHARS = 20_000


class Rating(StrEnum):
    """Thumbs."""

    UP = "up"
    DOWN = "down"


class Feedback(Frozen):
    """What somebody thinks of an answer."""

    rating: Rating | None = None
    comment: str | None = None
    corrected_answer: str | None = None
    wrong_citations: list[int] = Field(default_factory=list[int], description="Numbers of citations that do not fit.")
    given_at: datetime
    given_by: str | None = Field(description="The principal.")


class FeedbackRequest(BaseModel):
    """`POST /api/feedback`: what is sent replaces what was said before, the rest stays; null takes it back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str = Field(min_length=1, description="The answer's `id`, or its `X-Request-ID`.")
    rating: Rating | None = None
    comment: str | None = Field(default=None, max_length=MOST_FEEDBACK_CHARS)
    corrected_answer: str | None = Field(default=None, max_length=MOST_FEEDBACK_CHARS)
    wrong_citations: list[int] | None = Field(default=None, max_length=100)

    @property
    def said(self) -> dict[str, object]:
        """The fields that were sent."""
        return self.model_dump(include=self.model_fields_set - {"record_id"})

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"record_id"}:
            raise ValueError("send rating, comment, corrected_answer or wrong_citations")
        return self


class RecordedPassage(Frozen):
    """A passage that was found for a question. Title, source and text are null where no words are kept."""

    number: int = Field(ge=1, description="Its rank, and its number in the answer's square brackets.")
    in_prompt: bool = Field(description="Whether it stood before the model; the weakest may not have fitted.")
    chunk_id: str
    document_id: str
    file_id: str | None
    page: int | None
    char_start: int
    char_end: int
    scores: PassageScores
    title: str | None
    source: str | None
    text: str | None


class RecordSummary(Frozen):
    """A record as a listing shows it. Question and answer are null where no words are kept."""

    id: str = Field(description="The answer's `id`.")
    request_id: str | None = Field(description="Its transaction id, as logs and traces have it.")
    created_at: datetime = Field(description="When it was asked.")
    principal: str | None
    collection: str
    conversation: str | None = Field(description="The conversation on the server that it is a turn of.")
    level: RecordLevel
    question: str | None
    answer: str | None
    model: str | None = Field(description="The model that answered; null when none was asked.")
    finish_reason: str = Field(description="`stop`, `length`, `cancelled` (the client left) or `failed`.")
    error_code: str | None = None
    abstained: bool
    unsupported_claims: int = Field(description="Claims of the answer that are not fully supported.")
    feedback: Feedback | None = None


class Record(RecordSummary):
    """Everything that is kept of an answer."""

    query: str | None = Field(description="What was searched for, where that is not the question itself.")
    passages: list[RecordedPassage]
    messages: list[dict[str, str]] | None = Field(description="The prompt, as it was sent to the model.")
    prompt: str | None = Field(default=None, description="Its template and version, as `answer@1a2b3c4d`.")
    usage: Usage
    timings_ms: dict[str, float]
    claims: list[Claim]
    citations: list[Citation]
