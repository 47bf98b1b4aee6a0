"""Makes follow-up questions stand alone before the search."""

from services.orchestrator.domain.ports import ChatModel
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.rewrite_prompt import REWRITE_TOKENS, rewrite_messages, usable
from services.orchestrator.domain.rewriting import Rewrite, leans_on_history, standalone
from services.orchestrator.domain.templates import PromptTemplate


class Rewriter:
    """Rewrites by rule or by the model; a question that stands alone is never touched."""

    def __init__(self, model: ChatModel, way: Rewrite, template: PromptTemplate) -> None:
        self._model = model
        self._way = way
        self._template = template

    def concerns(self, question: Question) -> bool:
        """Whether the question leans on earlier ones, and is to be rewritten."""
        return self._way is not Rewrite.OFF and bool(_earlier(question)) and leans_on_history(question.text)

    async def query(self, question: Question) -> str:
        """What to search for; the model's words where it is asked and they can be used, else the added terms."""
        earlier = _earlier(question)
        written = await self._written(question, earlier) if self._way is Rewrite.MODEL else None
        return written or standalone(question.text, earlier)

    async def _written(self, question: Question, earlier: list[str]) -> str | None:
        model = await self._model.served(question.model)
        messages = rewrite_messages(question.text, earlier, self._template)
        async with self._model.generate(
            model.name, messages, max_tokens=REWRITE_TOKENS, sampling={"temperature": 0}
        ) as deltas:
            written = "".join([delta.text async for delta in deltas])
        return usable(written, question.text, earlier)


def _earlier(question: Question) -> list[str]:
    return [message.text for message in question.history if message.role == "user" and message.text.strip()]
