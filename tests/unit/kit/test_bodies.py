"""What a request's body is read as: an error names the field, wherever it lies."""

import pytest
from pydantic import BaseModel, Field

from services.shared.kit.asgi import parse_json_object, read_model
from services.shared.kit.errors import InvalidRequestError


class _Message(BaseModel):
    role: str


class _Asked(BaseModel):
    model: str
    messages: list[_Message] = Field(min_length=1)


def _refused(body: bytes) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as refused:
        read_model(_Asked, parse_json_object(body))
    return refused.value


def test_a_body_that_fits_is_read() -> None:
    asked = read_model(_Asked, parse_json_object(b'{"model": "m", "messages": [{"role": "user"}]}'))
    assert asked.messages[0].role == "user"


def test_a_wrong_field_is_named_from_its_root() -> None:
    refused = _refused(b'{"model": 5, "messages": [{"role": "user"}]}')
    assert refused.param == "model"
    assert refused.message == "model: Input should be a valid string."


def test_a_wrong_field_inside_a_list_is_named_with_its_place() -> None:
    assert _refused(b'{"model": "m", "messages": [{"role": "user"}, {}]}').param == "messages.1.role"


def test_a_body_that_is_no_object_is_refused_as_such() -> None:
    assert _refused(b"[]").code == "invalid_json"
    assert _refused(b"{").code == "invalid_json"
