"""What gives way when a prompt does not fit the model's window."""

import pytest

from services.orchestrator.adapters.prompt_files import read_templates
from services.orchestrator.domain.budget import FittedPrompt, fit_prompt
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.templates import Messages
from services.shared.contracts.openai import ChatMessage
from services.shared.kit.errors import ContextLengthError
from tests.unit.orchestrator.passages import passage

_TEMPLATE = read_templates(None).answer


async def words(messages: Messages) -> int:
    return sum(len(message["content"].split()) for message in messages)


async def characters(messages: Messages) -> int:
    return sum(len(message["content"]) for message in messages)


async def uncounted(_: Messages) -> int:
    pytest.fail("this prompt must fit without asking the engine")


def question(text: str = "what is it", *, history: int = 0) -> Question:
    earlier = tuple(ChatMessage(role="user", content=f"earlier {n} " * 20) for n in range(history))
    return Question(
        collection="docs",
        text=text,
        system="",
        history=earlier,
        sampling={},
        answer_tokens=50,
        include_usage=False,
    )


async def fit(asked: Question, *, passages: int, window: int) -> FittedPrompt:
    found = [passage(f"fact{n} " * 60, index=n) for n in range(passages)]
    return await fit_prompt(asked, found, template=_TEMPLATE, window_tokens=window, count=words, at_most=characters)


async def test_everything_stays_when_it_fits() -> None:
    fitted = await fit(question(history=2), passages=3, window=1000)
    assert len(fitted.passages) == 3
    assert len(fitted.messages) == 4


async def test_what_fits_by_its_bytes_is_not_counted() -> None:
    found = [passage("fact " * 60, index=n) for n in range(3)]
    fitted = await fit_prompt(
        question(), found, template=_TEMPLATE, window_tokens=5000, count=uncounted, at_most=characters
    )
    assert len(fitted.passages) == 3


async def test_history_goes_before_passages() -> None:
    fitted = await fit(question(history=8), passages=3, window=380)
    assert len(fitted.passages) == 3
    assert await words(fitted.messages) <= 330


async def test_the_weakest_passages_go_and_the_best_stays() -> None:
    fitted = await fit(question(), passages=5, window=220)
    assert [each.chunk.index for each in fitted.passages] == [0]


async def test_a_question_longer_than_the_window_is_refused_with_its_limit() -> None:
    with pytest.raises(ContextLengthError, match="2,000 tokens long"):
        await fit(question("word " * 2000), passages=2, window=400)


async def test_passages_are_never_in_the_system_message() -> None:
    fitted = await fit(question(), passages=1, window=1000)
    assert "fact0" not in fitted.messages[0]["content"]
    assert fitted.messages[0]["role"] == "system"
    assert "fact0" in fitted.messages[-1]["content"]
