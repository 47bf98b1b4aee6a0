"""Normalised text reads the same and is simpler."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.shared.components.normalisers.hyphenation import join_hyphenated_lines
from services.shared.components.normalisers.running_lines import drop_running_lines
from services.shared.components.normalisers.tables import compact_tables
from services.shared.components.normalisers.unicode import normalise_text


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("cafe\u0301", "café"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("seen\U000e0068\U000e0069", "seen"),
        ("bell\x07 nul\x00", "bell nul"),
        ("ten\u00a0km", "ten km"),
        ("end  \n\n\n\n\nnext", "end\n\nnext"),
        ("    kept = indentation", "    kept = indentation"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_text_is_made_uniform(raw: str, normal: str) -> None:
    assert normalise_text(raw) == normal


@given(st.text(st.sampled_from("ab \t\n\r\x0b\u00a0\u00ad\u0301\u2028-|\x00\u200b"), max_size=60))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once


def test_a_broken_word_is_joined_when_the_text_has_it_whole() -> None:
    assert join_hyphenated_lines("a turbine, the tur-\nbine") == "a turbine, the turbine"


def test_a_real_hyphen_at_the_end_of_a_line_stays() -> None:
    assert join_hyphenated_lines("a well-\nknown port") == "a well-\nknown port"


def test_headers_and_footers_that_repeat_are_dropped() -> None:
    pages = [f"Manual, chapter 2\n\nText of page {number} here.\n\nPage {number} of 4" for number in range(1, 5)]
    assert drop_running_lines(pages) == [f"Text of page {number} here." for number in range(1, 5)]


def test_lines_that_differ_or_are_headings_stay() -> None:
    pages = ["# Aurora\n\none", "# Aurora\n\ntwo", "# Aurora\n\nthree", "Last"]
    assert drop_running_lines(pages) == pages


def test_two_pages_are_too_few_to_tell() -> None:
    assert drop_running_lines(["Same\n\none", "Same\n\ntwo"]) == ["Same\n\none", "Same\n\ntwo"]


def test_tables_lose_their_padding() -> None:
    padded = "| Port   | Use |\n| ------ | :-----: |\n| 80     | web |"
    assert compact_tables(padded) == "| Port | Use |\n|---|:---:|\n| 80 | web |"
