"""Options that are pairs."""

from collections.abc import Callable

import pytest

from services.frontend.cli.commands.pairs import attributes_of, parsers_of, schema_of
from services.frontend.cli.exits import CliError
from services.shared.contracts.metadata import MetadataSchema


def test_values_are_what_they_look_like() -> None:
    given = ["team=law", "year=2026", "share=-0.5", "final=true", 'code="007"', "formula=a=b"]
    assert attributes_of(given) == {
        "team": "law",
        "year": 2026.0,
        "share": -0.5,
        "final": True,
        "code": "007",
        "formula": "a=b",
    }
    assert attributes_of(None) == {}


def test_fields_are_a_schema_the_platform_takes() -> None:
    schema = MetadataSchema.model_validate(schema_of(["team:string:required", "held:date"]))
    assert {key: (str(field.type), field.required) for key, field in schema.fields.items()} == {
        "team": ("string", True),
        "held": ("date", False),
    }
    assert schema_of(None) is None
    assert parsers_of(["text/html=html-page"]) == {"text/html": "html-page"}
    assert parsers_of(None) is None


@pytest.mark.parametrize(
    ("read", "given", "said"),
    [
        (attributes_of, "team", "write name=value"),
        (attributes_of, "=law", "write name=value"),
        (parsers_of, "text/html=", "write name=value"),
        (schema_of, "team", "write name:type"),
        (schema_of, "team:text", "write name:type"),
        (schema_of, "team:string:maybe", "write name:type"),
    ],
)
def test_what_is_no_pair_is_refused_with_how_to_write_it(
    read: Callable[[list[str]], object], given: str, said: str
) -> None:
    with pytest.raises(CliError, match=said):
        read([given])
