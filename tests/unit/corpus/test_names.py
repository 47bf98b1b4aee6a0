"""Names of collections and files."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corpus.domain.names import collection_name, plain_filename
from services.shared.contracts.corpus import COLLECTION_NAME


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("docs", "docs"),
        ("v1.2_final-3", "v1.2_final-3"),
        ("My Store", "my-store"),
        ("  --Café: Menü!--  ", "cafe-menu"),
        ("a" * 80, "a" * 63),
    ],
)
def test_a_name_stays_as_near_as_possible_to_the_wanted_one(wanted: str, name: str) -> None:
    assert collection_name(wanted) == name


@pytest.mark.parametrize("wanted", [None, "", "日本語", "---"])
def test_nothing_usable_gives_a_new_name_each_time(wanted: str | None) -> None:
    first, second = collection_name(wanted), collection_name(wanted)

    assert first != second
    assert re.fullmatch(r"store-[0-9a-f]{8}", first)


@given(st.text())
def test_every_text_becomes_a_valid_name(wanted: str) -> None:
    assert re.fullmatch(COLLECTION_NAME, collection_name(wanted))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\läs.txt", "läs.txt"),
        ("a\nb\x00.md", "ab.md"),
        ("", "upload"),
        ("x" * 300 + ".md", "x" * 252 + ".md"),
    ],
)
def test_a_filename_is_the_plain_name(given: str, name: str) -> None:
    assert plain_filename(given) == name
