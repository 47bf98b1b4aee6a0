"""What the model is asked to write: an answer in prose, or a phrase that it chooses from one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.orchestrator.domain.budget import FittedPrompt
from services.orchestrator.domain.focus import sentence_for
from services.orchestrator.domain.phrases import phrases_for
from services.orchestrator.domain.prompt import Messages, build_phrase_messages
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.sources import Source

_PHRASE_TOKENS = 40


@dataclass(frozen=True)
class GenerationTask:
    """A request to the engine."""

    messages: Messages
    max_tokens: int
    sampling: dict[str, object]


def prose_task(question: Question, prompt: FittedPrompt) -> GenerationTask:
    """The question with all passages."""
    return GenerationTask(prompt.messages, question.answer_tokens, question.sampling)


def phrase_task(question: Question, sources: Sequence[Source]) -> GenerationTask | None:
    """The sentence nearest to the question, and its phrases to choose from; None when there is none.

    vLLM's structured outputs keep the model to the phrases. An engine that does not know them answers freely, and the
    check of its claims sees to the rest.
    """
    place = sentence_for(question.text, sources)
    if place is None:
        return None
    phrases = phrases_for(question.text, place.quote)
    chosen: dict[str, object] = {"structured_outputs": {"choice": phrases}} if phrases else {}
    return GenerationTask(build_phrase_messages(question, place.quote), _PHRASE_TOKENS, question.sampling | chosen)
