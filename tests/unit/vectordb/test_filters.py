"""Translating filters to the engine's objects."""

import pytest
import qdrant_edge as edge

from services.vectordb.adapters.filters import to_condition, to_filter
from services.vectordb.errors import FormatError, UnsupportedError


def test_no_filter_stays_no_filter() -> None:
    assert to_filter(None) is None


def test_clauses_become_lists_and_absent_ones_stay_absent() -> None:
    translated = to_filter({"must": [{"key": "a", "match": {"value": "x"}}], "must_not": {"has_id": [1]}})

    assert translated is not None
    assert translated.must is not None
    assert len(translated.must) == 1
    assert isinstance((translated.must_not or [])[0], edge.HasIdCondition)
    assert translated.should is None


def test_booleans_are_matched_as_booleans_not_as_integers() -> None:
    condition = to_condition({"key": "a", "match": {"value": True}})

    assert isinstance(condition, edge.FieldCondition)
    assert isinstance(condition.match, edge.MatchValue)
    assert condition.match.value is True


def test_a_range_of_texts_is_a_range_of_dates() -> None:
    dates = to_condition({"key": "a", "range": {"gte": "2024-01-01T00:00:00Z"}})
    numbers = to_condition({"key": "a", "range": {"gte": 1}})

    assert isinstance(dates, edge.FieldCondition)
    assert isinstance(dates.range, edge.RangeDateTime)
    assert isinstance(numbers, edge.FieldCondition)
    assert isinstance(numbers.range, edge.RangeFloat)


def test_filters_nest() -> None:
    condition = to_condition({"should": [{"must": [{"is_null": {"key": "a"}}]}]})

    assert isinstance(condition, edge.Filter)
    assert isinstance((condition.should or [])[0], edge.Filter)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"mst": []},
        {"must": [1]},
        {"must": [{"unheard": 1}]},
        {"must": [{"key": "a"}]},
        {"must": [{"key": 1, "match": {"value": 1}}]},
        {"must": [{"key": "a", "match": {}}]},
        {"must": [{"key": "a", "match": {"value": 1.5}}]},
        {"must": [{"key": "a", "match": {"any": [1, "x"]}}]},
        {"must": [{"key": "a", "range": {"gte": []}}]},
        {"must": [{"has_id": ["nonsense"]}]},
        {"must": [{"nested": {"key": "a"}}]},
        {"min_should": {"conditions": []}},
    ],
)
def test_what_is_no_filter_is_refused(wrong: object) -> None:
    with pytest.raises(FormatError):
        to_filter(wrong)


def test_conditions_the_engine_lacks_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="slice"):
        to_filter({"must": [{"slice": {"total": 4, "index": 0}}]})
