"""The orchestrator's settings."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.orchestrator.domain.rewriting import Rewrite
from services.shared.contracts.answers import MOST_SEARCHES, AnswerForm, RecordLevel, UnsupportedPolicy
from services.shared.contracts.explain import ANSWER_PASSAGES, MIN_SIMILARITY
from services.shared.kit.database import sqlite_url
from services.shared.kit.settings import PlatformSettings


class OrchestratorSettings(PlatformSettings):
    """What the orchestrator reads from the environment."""

    SERVICE: ClassVar[str] = "orchestrator"

    orchestrator_passages: int = Field(
        default=ANSWER_PASSAGES,
        ge=1,
        le=50,
        description="Passages put before the model; fewer when the window is short.",
    )
    orchestrator_searches: int = Field(
        default=1,
        ge=1,
        le=MOST_SEARCHES,
        description="Most searches for one answer, when the request does not say: parts of a question, and what a "
        "found passage names, are searched for, too.",
    )
    orchestrator_search_seconds: float = Field(
        default=5, gt=0, description="Seconds after which no further search begins for an answer."
    )
    orchestrator_min_similarity: float = Field(
        default=MIN_SIMILARITY,
        ge=-1,
        le=1,
        description="Cosine similarity of question and best passage below which the corpus has no answer.",
    )
    orchestrator_min_support: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of a claim's content words that one place of a passage must hold to be cited for it.",
    )
    orchestrator_undecided_support: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Share of words from which on a claim is compared with passages by its meaning, too.",
    )
    orchestrator_claim_similarity: float = Field(
        default=0.75,
        ge=0,
        le=1,
        description="Cosine similarity of a claim and a place that supports it although it uses other words.",
    )
    orchestrator_claim_comparisons: int = Field(
        default=8,
        ge=0,
        description="Most claims of one answer that are compared by meaning; 0: words alone decide.",
    )
    orchestrator_unsupported_claims: UnsupportedPolicy = Field(
        default=UnsupportedPolicy.MARK,
        description="What happens to claims that no passage supports, when the request does not say: mark, drop, off.",
    )
    orchestrator_answer_form: AnswerForm = Field(
        default=AnswerForm.PROSE, description="How answers are written, when the request does not say: prose, phrase."
    )
    orchestrator_quote_support: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of the question's words, rarer ones heavier, that a sentence must hold to be quoted where "
        "nothing of the model's answer is supported.",
    )
    orchestrator_entailment_model: str = Field(
        default="",
        description="Cross-encoder for natural language inference that confirms each claim: a Hugging Face id or a "
        "folder; none by default. It needs the extra `embedding` where the orchestrator runs.",
    )
    orchestrator_rewrite: Rewrite = Field(
        default=Rewrite.TERMS,
        description="How a follow-up question is made to stand alone for the search: off, terms (the words of the "
        "questions before), model (the model writes it).",
    )
    orchestrator_prompts: Path | None = Field(
        default=None, description="Folder of prompt templates that take the place of those that come with it."
    )
    orchestrator_answer_tokens: int = Field(
        default=200, ge=1, description="Longest answer, in tokens, when the request does not say."
    )
    orchestrator_model: str | None = Field(
        default=None, description="Model that answers for `rag/<collection>`; default: the first one served."
    )
    orchestrator_database_url: str | None = Field(
        default=None,
        description="Database of records and conversations; default: the SQLite file db/orchestrator.sqlite.",
    )
    orchestrator_records: RecordLevel = Field(
        default=RecordLevel.FULL,
        description="What is kept of each answer: off, metadata (no words), full. A request can ask for less.",
    )
    orchestrator_records_days: float = Field(
        default=90, ge=0, description="Days after which a record is deleted; 0: never."
    )
    orchestrator_conversations_days: float = Field(
        default=90, ge=0, description="Days after its last turn after which a conversation is deleted; 0: never."
    )
    orchestrator_max_body_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, description="Largest chat request accepted."
    )

    @property
    def database(self) -> str:
        return self.orchestrator_database_url or sqlite_url(self.home / "db" / "orchestrator.sqlite")
