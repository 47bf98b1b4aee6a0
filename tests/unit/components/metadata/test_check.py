"""Attributes and filters against a schema."""

import pytest

from services.shared.components.metadata.check import check_attributes, check_filter, dates_of
from services.shared.contracts.metadata import FieldType, MetadataField, MetadataSchema
from services.shared.contracts.search import ComparisonFilter, CompoundFilter, Scalar, SearchFilter
from services.shared.kit.errors import InvalidRequestError

_SCHEMA = MetadataSchema(
    fields={
        "team": MetadataField(type=FieldType.STRING, required=True, values=["sales", "law"]),
        "year": MetadataField(type=FieldType.NUMBER),
        "final": MetadataField(type=FieldType.BOOLEAN),
        "held": MetadataField(type=FieldType.DATE),
    }
)
_KEYS = frozenset({"source"})


def test_what_is_as_declared_passes() -> None:
    check_attributes(
        _SCHEMA, {"team": "law", "year": 2026.0, "final": True, "held": "2026-01-31T10:00:00+01:00"}, of="a.md"
    )
    check_attributes(None, {"anything": 1}, of="a.md")
    assert dates_of(_SCHEMA) == {"held"}


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "'team' is missing"),
        ({"team": "hr"}, "must be one of sales, law"),
        ({"team": "law", "year": "2026"}, "'year' is '2026', which is no number"),
        ({"team": "law", "year": True}, "which is no number"),
        ({"team": "law", "final": "yes"}, "which is no boolean"),
        ({"team": "law", "held": "31.1.2026"}, "which is no date"),
        ({"team": "law", "tema": "x"}, "there is no attribute 'tema'"),
    ],
)
def test_what_is_not_is_named_with_what_is_declared(attributes: dict[str, Scalar], said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said) as refused:
        check_attributes(_SCHEMA, attributes, of="minutes/a.md")
    assert "minutes/a.md" in refused.value.message
    assert "team (string, required)" in refused.value.message


@pytest.mark.parametrize(
    "given",
    [
        ComparisonFilter(type="gte", key="held", value="2026-01-01"),
        ComparisonFilter(type="in", key="team", value=["sales", "law"]),
        ComparisonFilter(type="eq", key="source", value="a.md"),
    ],
)
def test_filters_over_what_there_is_pass(given: SearchFilter) -> None:
    check_filter(_SCHEMA, CompoundFilter(type="and", filters=[given]), chunk_keys=_KEYS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (ComparisonFilter(type="eq", key="tema", value="law"), "no attribute 'tema'"),
        (ComparisonFilter(type="gt", key="team", value="law"), "'gt' cannot compare"),
        (ComparisonFilter(type="eq", key="year", value="2026"), "no number"),
        (ComparisonFilter(type="in", key="held", value=["soon"]), "no date"),
    ],
)
def test_filters_that_find_nothing_by_mistake_are_refused(given: SearchFilter, said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        check_filter(_SCHEMA, CompoundFilter(type="or", filters=[given]), chunk_keys=_KEYS)
