"""Numbers, dates and names: what is found in a claim, and in which forms a passage knows it."""

import pytest

from services.orchestrator.domain.values import known_values, values_in


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("The gateway listens on port 8080.", ["number 8080"]),
        ("It rose by 3.5% in 1,200 towns.", ["number 3.5", "number 1,200"]),
        ("It has three doors.", ["number three"]),
        ("It opened on 12 March 2024.", ["date 12 March 2024"]),
        ("It opened on March 12th, 2024 and 2025-01-31.", ["date March 12th, 2024", "date 2025-01-31"]),
        ("It may be 5 km.", ["number 5"]),
        ("The captain is Ada Lindqvist.", ["name Ada Lindqvist"]),
        ("Oslo is where the University of Bergen is not.", ["name University of Bergen"]),
        ("NATO was there.", ["name NATO"]),
        ("Bananas are yellow. Apples are red.", []),
    ],
)
def test_values_of_a_claim(claim: str, expected: list[str]) -> None:
    assert [f"{value.kind.value} {value.text}" for value in values_in(claim)] == expected


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("1200 people", "1,200 people"),
        ("at 7:40", "at 07:40"),
        ("the 10th", "10 of them"),
        ("It takes 24 hours", "a 24-hour day"),
        ("It has 3 doors", "It has three doors"),
        ("in two years", "in 2 years"),
        ("on 2024-03-12", "on 12 March 2024"),
        ("in March 2024", "on 12 March 2024"),
        ("by Ada Long", "by Dr. Ada Long"),
        ("about Norway's coast", "the coast of Norway"),
        ("3.50 euros", "3.5 euros"),
    ],
)
def test_a_value_is_known_in_other_ways_of_writing(claim: str, passage: str) -> None:
    known = known_values(passage)
    assert all(known.has(value) for value in values_in(claim))


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("3 euros", "3.50 euros"),
        ("on 12 March 2025", "on 12 March 2024"),
        ("on 13 March", "in March 2024"),
        ("by Bob Long", "by Ada Long"),
        ("version 2.0", "version 2.0.1"),
        ("1990", "1991 and 19"),
    ],
)
def test_another_value_is_not_known(claim: str, passage: str) -> None:
    known = known_values(passage)
    assert not all(known.has(value) for value in values_in(claim))
