"""Fitting a prompt into the model's window: first the oldest history goes, then the weakest passages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.orchestrator.domain.prompt import build_messages
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.templates import Messages, PromptTemplate
from services.orchestrator.errors import question_too_long
from services.shared.contracts.openai import ChatMessage
from services.shared.contracts.search import Passage

_MOST_BYTES_PER_TOKEN = 8  # of any text longer than a word
CountTokens = Callable[[Messages], Awaitable[int]]
"""Tokens of a conversation under the served model's own template."""


@dataclass(frozen=True)
class FittedPrompt:
    """A prompt that leaves room for the answer, and the passages that are in it."""

    messages: Messages
    passages: tuple[Passage, ...]


async def fit_prompt(
    question: Question,
    passages: Sequence[Passage],
    *,
    template: PromptTemplate,
    window_tokens: int,
    count: CountTokens,
    at_most: CountTokens,
) -> FittedPrompt:
    """The longest prompt that fits, keeping the best passages and the newest history.

    Args:
        count: the exact number, which takes a call to the engine.
        at_most: a number that is never too small and costs next to nothing; most prompts fit by it.

    Raises:
        ContextLengthError: not even the question with one passage fits; the message names the limit.
    """
    room = window_tokens - question.answer_tokens
    kept, history = len(passages), _can_fit(question.history, room)
    while True:
        messages = build_messages(question, passages[:kept], history_kept=history, template=template)
        if await at_most(messages) <= room or (tokens := await count(messages)) <= room:
            return FittedPrompt(messages=messages, passages=tuple(passages[:kept]))
        if history:
            history //= 2
        elif kept > 1:
            kept = max(1, min(kept - 1, kept * room // tokens))
        else:
            raise await _too_long(question, room, tokens, count)


def _can_fit(history: Sequence[ChatMessage], room: int) -> int:
    """How many of the newest messages are worth counting: a long conversation must not cost a call for each halving."""
    left, kept = room * _MOST_BYTES_PER_TOKEN, 0
    for message in reversed(history):
        left -= len(message.text.encode())
        if left < 0:
            break
        kept += 1
    return kept


async def _too_long(question: Question, room: int, tokens: int, count: CountTokens) -> Exception:
    alone = await count([{"role": "user", "content": question.text}])
    return question_too_long(alone, room - (tokens - alone))
