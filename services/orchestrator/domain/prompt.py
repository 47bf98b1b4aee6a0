"""The prompt of an answer: instructions, history, and the passages inside the user's message.

Retrieved text is never put into the system message: it is material, and may hold instructions of its own.
"""

from collections.abc import Sequence

from services.orchestrator.domain.question import Question
from services.orchestrator.domain.templates import Messages, PromptTemplate
from services.shared.contracts.search import Passage


def build_messages(
    question: Question, passages: Sequence[Passage], *, history_kept: int, template: PromptTemplate
) -> Messages:
    """The conversation to send to the model, with the `history_kept` newest earlier messages."""
    system = f"{question.system}\n\n{template.system}".strip()
    kept = question.history[len(question.history) - history_kept :]
    return [
        {"role": "system", "content": system},
        *({"role": message.role, "content": message.text} for message in kept),
        {"role": "user", "content": template.message(passages=_listed(passages), question=question.text)},
    ]


def _listed(passages: Sequence[Passage]) -> str:
    return "\n\n".join(f"[{number}] {_quoted(passage)}" for number, passage in enumerate(passages, start=1))


def _quoted(passage: Passage) -> str:
    headings = " > ".join(passage.chunk.headings)
    return f"{headings}\n{passage.chunk.text}" if headings else passage.chunk.text
