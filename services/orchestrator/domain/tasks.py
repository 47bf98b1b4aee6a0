"""What the model is asked to write: an answer in prose, or a phrase that it chooses from one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.orchestrator.domain.budget import FittedPrompt
from services.orchestrator.domain.focus import sentence_for
from services.orchestrator.domain.phrases import phrases_for
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.sources import Source
from services.orchestrator.domain.templates import Messages, PromptTemplate

_PHRASE_TOKENS = 40


@dataclass(frozen=True)
class GenerationTask:
    """A request to the engine."""

    messages: Messages
    max_tokens: int
    sampling: dict[str, object]
    prompt: str
    """The version of its template."""


def prose_task(question: Question, prompt: FittedPrompt, template: PromptTemplate) -> GenerationTask:
    """The question with all passages."""
    return GenerationTask(prompt.messages, question.answer_tokens, question.sampling, template.version)


def phrase_task(question: Question, sources: Sequence[Source], template: PromptTemplate) -> GenerationTask | None:
    """The sentence nearest to the question, and its phrases to choose from; None when there is none.

    vLLM's structured outputs keep the model to the phrases. An engine that does not know them answers freely, and the
    check of its claims sees to the rest.
    """
    place = sentence_for(question.text, sources)
    if place is None:
        return None
    phrases = phrases_for(question.text, place.quote)
    chosen: dict[str, object] = {"structured_outputs": {"choice": phrases}} if phrases else {}
    messages = template.with_examples(text=place.quote, question=question.text)
    return GenerationTask(messages, _PHRASE_TOKENS, question.sampling | chosen, template.version)
