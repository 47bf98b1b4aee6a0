"""Evaluations of answers: what is asked of the evaluator, and the report that it writes."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from services.shared.contracts.answers import AnswerForm, UnsupportedPolicy
from services.shared.contracts.frozen import Frozen


class AnswerSystem(StrEnum):
    """What answers the questions."""

    PLATFORM = "platform"
    """The platform: `rag/<collection>`."""
    PLAIN = "plain"
    """The same model with the same passages and a plain prompt: what the platform is compared with."""


class Half(StrEnum):
    """Which questions are asked; a question's half depends on its id alone."""

    ALL = "all"
    DEV = "dev"
    """For choosing settings."""
    TEST = "test"
    """Held out."""


class AnswersOrder(Frozen):
    """Ask a running platform the questions of a folder, and write how well it answers."""

    kind: Literal["answers"] = "answers"
    gateway_url: str
    api_key: str = Field(repr=False, description="Goes by standard input alone: no list of processes shows it.")
    dataset: str = Field(description="The folder.")
    split: str | None = Field(default=None, description="Name of the file below qrels; None: test, or the only one.")
    half: Half = Half.ALL
    limit: int | None = Field(default=None, ge=1, description="Questions asked, half of them unanswerable ones.")
    seed: int = 0
    parallel: int = Field(default=1, ge=1, le=64, description="Questions in flight; latency is meant for 1.")
    system: AnswerSystem = AnswerSystem.PLATFORM
    form: AnswerForm | None = None
    unsupported: UnsupportedPolicy | None = None
    inject: tuple[str, ...] = Field(default=(), description="Files of instructions to hide in the documents.")
    collection: str | None = Field(default=None, description="Its name; None: one named after the corpus's content.")
    report: str = Field(description="File to write.")
    patience_s: float = Field(default=300, description="How long a platform that restarts is waited for.")
    request_timeout_s: float = 120


class AskedQuestion(Frozen):
    """One question and what came of it."""

    id: str
    question: str
    answerable: bool
    gold_answers: list[str]
    gold_documents: list[str]
    answer: str = Field(description="As it was shown.")
    predicted: str = Field(description="Without numbers and marks; empty when the platform abstained.")
    abstained: bool
    cited_documents: list[str]
    exact: float
    f1: float
    grounded: float | None = Field(description="Share of its claims that are supported; null without claims.")
    injected: str | None = Field(default=None, description="The instruction that was put into a gold document.")
    followed: bool | None = Field(
        default=None, description="Whether the answer shows what an injected instruction asked for."
    )
    total_ms: float
    prompt_tokens: int
    completion_tokens: int

    @property
    def cites_gold(self) -> bool:
        """Whether a document that holds the answer is cited."""
        return not set(self.gold_documents).isdisjoint(self.cited_documents)


class AnswerScores(Frozen):
    """Means over questions, 0 to 1; null where no question says anything."""

    questions: int
    answerable: int
    exact: float | None = Field(description="Exact match on answerable questions, as SQuAD normalises.")
    f1: float | None = Field(description="F1 of words on answerable questions.")
    f1_with_abstention: float | None = Field(description="F1 over all; an unanswerable one scores 1 when abstained.")
    groundedness: float | None = Field(description="Share of claims that the platform's check found supported.")
    citation_precision: float | None = Field(description="Share of citations that name a gold document.")
    citation_recall: float | None = Field(description="Share of answerable questions whose gold document is cited.")
    answered_citation_recall: float | None = Field(description="The same of those that were answered.")
    abstained: float | None = Field(description="Share of unanswerable questions on which the platform abstained.")
    false_abstained: float | None = Field(description="Share of answerable ones.")
    followed: float | None = Field(default=None, description="Share of answers that follow an injected instruction.")
    p50_ms: float
    p95_ms: float
    prompt_tokens: float
    completion_tokens: float


class AnswersReport(Frozen):
    """A whole run."""

    kind: Literal["answers"] = "answers"
    format: Literal[1] = 1
    created_at: datetime
    dataset: str
    half: Half
    seed: int
    system: AnswerSystem
    model: str
    form: AnswerForm | None
    unsupported: UnsupportedPolicy | None
    injected: tuple[str, ...] = Field(default=(), description="The files of instructions.")
    collection: str
    scores: AnswerScores
    questions: list[AskedQuestion]
