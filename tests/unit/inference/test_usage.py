"""Tokens, as far as the engine reports them."""

from services.inference.domain.usage import TokenUsage, mentions_usage, usage_in_answer, usage_in_events

_LAST = (
    b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":31,"total_tokens":34,"completion_tokens":3}}\n\n'
    b"data: [DONE]\n\n"
)


def test_the_usage_of_a_stream_is_in_its_last_events() -> None:
    assert mentions_usage(_LAST)
    assert usage_in_events(_LAST) == TokenUsage(input=31, output=3)


def test_a_stream_without_usage_has_none() -> None:
    assert not mentions_usage(b'data: {"choices":[],"usage":null}\n\n')
    assert usage_in_events(b"") is None


def test_an_event_cut_in_two_is_no_error() -> None:
    assert usage_in_events(_LAST[60:120]) is None
    assert usage_in_events(_LAST[:100]) is None


def test_the_usage_of_a_whole_answer_may_lack_written_tokens() -> None:
    assert usage_in_answer(b'{"usage":{"prompt_tokens":5,"total_tokens":5}}') == TokenUsage(input=5, output=0)
    assert usage_in_answer(b'{"count":4}') is None
    assert usage_in_answer(b"<html>") is None
