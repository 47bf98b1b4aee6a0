"""How a chat request becomes a question, and which requests do not."""

import pytest

from services.orchestrator.domain.question import Question, read_question
from services.orchestrator.domain.relevance import relevant
from services.shared.contracts.openai import ChatRequest
from services.shared.kit.errors import InvalidRequestError
from tests.unit.orchestrator.passages import passage


def read(messages: list[dict[str, object]], **options: object) -> Question:
    request = ChatRequest.model_validate({"model": "rag/docs", "messages": messages, **options})
    return read_question(request, default_answer_tokens=99)


def user(text: str) -> dict[str, object]:
    return {"role": "user", "content": text}


def test_the_last_user_message_is_the_question_and_the_rest_is_history() -> None:
    asked = read([user("hello"), {"role": "assistant", "content": "hi"}, user(" where is it? ")])
    assert asked.text == "where is it?"
    assert [message.text for message in asked.history] == ["hello", "hi"]
    assert asked.collection == "docs"


def test_text_parts_are_read_as_text() -> None:
    asked = read([{"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]}])
    assert asked.text == "one\ntwo"


def test_sampling_options_are_passed_on_and_the_default_is_greedy() -> None:
    assert read([user("q")]).sampling["temperature"] == 0
    asked = read([user("q")], temperature=0.7, seed=3, stop="END").sampling
    assert asked == {"temperature": 0.7, "seed": 3, "stop": "END"}


@pytest.mark.parametrize("messages", [[user("  ")], [{"role": "system", "content": "be brief"}]])
def test_a_request_without_a_question_is_refused(messages: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidRequestError, match="ask a question"):
        read(messages)


@pytest.mark.parametrize(
    ("option", "value"), [("tools", [{"type": "function"}]), ("n", 2), ("response_format", {"type": "json_object"})]
)
def test_options_that_retrieval_does_not_take_are_refused_by_name(option: str, value: object) -> None:
    with pytest.raises(InvalidRequestError, match=option):
        read([user("q")], **{option: value})


@pytest.mark.parametrize("value", [0, -5, "many"])
def test_an_impossible_answer_length_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequestError, match="max_tokens"):
        read([user("q")], max_tokens=value)


@pytest.mark.parametrize(("dense", "expected"), [(0.5, True), (0.1, False), (None, False)])
def test_the_best_cosine_similarity_decides_whether_there_is_an_answer(dense: float | None, expected: bool) -> None:
    assert relevant("Who keeps it?", [passage("text", dense=dense)], min_similarity=0.25) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [("How do I stop the platform?", True), ("How do I stop the engine?", False), ("How do I stop?", False)],
)
def test_a_passage_with_all_words_of_a_question_is_looked_at_however_far_it_is(question: str, expected: bool) -> None:
    found = passage("The command stops the platform. Nothing that was ingested is lost.", dense=0.1)
    assert relevant(question, [found], min_similarity=0.25) is expected


def test_no_passages_means_no_answer() -> None:
    assert relevant("Who?", [], min_similarity=0.25) is False
