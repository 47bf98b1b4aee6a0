"""What an embedding request may say."""

import pytest

from services.embedding.domain.requests import EmbeddingCall, Encoding, read_call
from services.shared.kit.errors import InvalidRequestError


def call(**fields: object) -> EmbeddingCall:
    return read_call({"model": "m", "input": "text", **fields}, max_inputs=10)


def test_one_text_and_a_list_of_one_text_are_the_same_call() -> None:
    assert call(input="hello") == call(input=["hello"])


def test_vectors_are_lists_of_numbers_unless_base64_is_asked_for() -> None:
    assert call().encoding is Encoding.FLOAT
    assert call(encoding_format="base64").encoding is Encoding.BASE64


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"model": None}, "model", "invalid_request"),
        ({"model": 3}, "model", "invalid_request"),
        ({"input": None}, "input", "invalid_request"),
        ({"input": []}, "input", "invalid_request"),
        ({"input": ""}, "input", "empty_input"),
        ({"input": ["fine", " \n"]}, "input", "empty_input"),
        ({"input": [1, 2, 3]}, "input", "token_input_not_supported"),
        ({"input": [[1, 2], [3]]}, "input", "token_input_not_supported"),
        ({"input": [{"text": "no"}]}, "input", "invalid_request"),
        ({"input": ["x"] * 11}, "input", "too_many_inputs"),
        ({"encoding_format": "hex"}, "encoding_format", "invalid_request"),
        ({"encoding_format": ["base64"]}, "encoding_format", "invalid_request"),
        ({"dimensions": "384"}, "dimensions", "invalid_request"),
        ({"dimensions": True}, "dimensions", "invalid_request"),
    ],
)
def test_what_cannot_be_served_is_refused_with_its_field(fields: dict[str, object], param: str, code: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        call(**fields)
    assert (refused.value.param, refused.value.code) == (param, code)


def test_the_refusal_of_an_empty_text_says_which_one() -> None:
    with pytest.raises(InvalidRequestError, match=r"input\[2\]"):
        call(input=["a", "b", "", "d"])


@pytest.mark.parametrize(
    ("texts", "small"), [(["query"], True), (["q"] * 4, True), (["q"] * 5, False), (["x" * 100_000], False)]
)
def test_only_few_and_short_texts_are_a_small_request(texts: list[str], small: bool) -> None:
    assert call(input=texts).is_small is small
