"""What a run of the answer graph knows, step by step."""

from typing import TypedDict

from services.orchestrator.domain.budget import FittedPrompt
from services.orchestrator.domain.ports import ServedModel
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.sources import LateSources
from services.orchestrator.domain.tasks import GenerationTask
from services.shared.contracts.search import Passage


class Asked(TypedDict):
    """What a run starts with."""

    question: Question
    query: str
    """What is searched for: the question, or what it was rewritten to."""
    started_s: float
    timings_ms: dict[str, float]


class Retrieved(Asked):
    """What retrieval adds."""

    queries: list[str]
    """What was searched for, in order."""
    passages: list[Passage]


class Prompted(Retrieved):
    """What the prompt adds."""

    model: ServedModel
    prompt: FittedPrompt
    sources: LateSources
    task: GenerationTask | None
    """None when no sentence can hold the phrase that was asked for."""
