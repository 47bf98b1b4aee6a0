"""Tokens found word by word are those that the tokenizer finds in the whole text."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Metaspace

from services.shared.components.chunkers import words
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.chunkers.words import WordTokens

_TELLING = [
    *(
        "[SEP]",
        "[MASK]x",
        "naïve café",
        "Straße",
        "e\u0301te\u0301",
        "中文，標點。",
        "ab\u00a0cd",
        "a\u200db",
        "=\u0338",
    ),
    *("=\u0338", " ", "\n\n", "\t", "\r\n", "\x0c", "https://example.com/a_b?c=d", "…", "x" * 40, "-" * 50, "🙂🙂"),
]
_PARTS = st.one_of(st.text(max_size=12), st.sampled_from(_TELLING))
_TEXTS = st.lists(_PARTS, max_size=30).map("".join)


@pytest.fixture(scope="module")
def tokenizer(tokenizer_path: Path) -> Tokenizer:
    read = Tokenizer.from_file(str(tokenizer_path))
    read.no_truncation()
    read.no_padding()
    return read


@pytest.fixture(scope="module")
def by_word(tokenizer: Tokenizer) -> WordTokens:
    found = WordTokens.of(tokenizer)
    assert found is not None
    return found


@settings(deadline=None, max_examples=100)
@given(text=_TEXTS)
def test_tokens_begin_where_the_tokenizer_says(text: str, tokenizer: Tokenizer, by_word: WordTokens) -> None:
    expected = [start for start, _ in tokenizer.encode(text, add_special_tokens=False).offsets]

    assert list(by_word.starts(text, long=32)[0]) == expected


@pytest.mark.parametrize("gap", ["", " ", "中" * 20_000, "," * 20_000])
def test_a_long_run_is_found_wherever_it_stands(gap: str, tokenizer_path: Path) -> None:
    text = f"{'word ' * 3_300}{gap},{'x' * 40_000}, {gap}{'y' * 33}"

    counted = TokenCounter(tokenizer_path).map(text)

    first, second = text.index("x"), text.index("y")
    assert counted.count(first, first + 40_000) == 40_000
    assert counted.count(second, second + 33) == 33
    assert not counted.is_exact(first + 39_999, first + 40_000)


def test_words_are_forgotten_when_they_are_too_many(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST_KNOWN_CHARS", 10)
    few = WordTokens.of(tokenizer)
    assert few is not None
    text = "unbelievable stories about tokenizers"

    first, again = few.starts(text, long=32), few.starts(text, long=32)

    assert first == again


def test_a_tokenizer_that_looks_beyond_words_is_not_cut_by_word() -> None:
    other = Tokenizer(BPE())
    other.pre_tokenizer = Metaspace()

    assert WordTokens.of(other) is None


def test_an_added_token_that_swallows_space_is_not_cut_by_word(tokenizer_path: Path) -> None:
    other = Tokenizer.from_file(str(tokenizer_path))
    other.add_special_tokens([AddedToken("<x>", lstrip=True)])

    assert WordTokens.of(other) is None
