"""What happens while an answer is made, in order: stages, text, and the end."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.orchestrator.domain.citations import Mark
from services.orchestrator.domain.templates import Messages
from services.shared.contracts.answers import Claim, Searched
from services.shared.contracts.openai import Citation, Usage
from services.shared.contracts.search import Passage


class StageName(StrEnum):
    """The steps of an answer."""

    REWRITE = "rewrite"
    RETRIEVE = "retrieve"
    PROMPT = "prompt"
    GENERATE = "generate"
    CITE = "cite"
    ABSTAIN = "abstain"


@dataclass(frozen=True)
class Stage:
    """A step has been reached; `detail` has counts and milliseconds, never text."""

    name: StageName
    detail: dict[str, float | int | str] = field(default_factory=dict[str, float | int | str])


@dataclass(frozen=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True)
class Found:
    """What was searched for, and the passages that were found; for the record, no client sees it."""

    queries: list[str]
    passages: list[Passage]


@dataclass(frozen=True)
class Asking:
    """What the model is about to be asked, with how many of the passages; for the record, too."""

    model: str
    messages: Messages
    passages: int
    prompt: str
    """The version of its template."""


@dataclass(frozen=True)
class Finished:
    """The answer is complete."""

    reason: str
    citations: list[Citation]
    marks: list[Mark]
    claims: list[Claim]
    searched: Searched
    abstained: bool
    """Nothing supports an answer."""
    usage: Usage
    timings_ms: dict[str, float]


AnswerEvent = Stage | Text | Found | Asking | Finished
