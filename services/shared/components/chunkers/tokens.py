"""Counts tokens as the embedding model does, from one tokenisation of a whole document."""

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from services.shared.components.chunkers.words import WordTokens

LONGEST_WORD_CHARS = 32
"""No longer run of letters is kept whole, so no indivisible word counts for more tokens than this."""

SMALLEST_BUDGET = 2 * (LONGEST_WORD_CHARS + 8)
"""No chunker takes less: words, and the headings above them, must fit."""


def checked_budget(max_tokens: int) -> int:
    """The budget of a chunker; raises ValueError when it is too small."""
    if max_tokens < SMALLEST_BUDGET:
        raise ValueError(f"max_tokens is {max_tokens}, must be at least {SMALLEST_BUDGET}")
    return max_tokens


# A run that a word tokenizer sees as one word. WordPiece turns words of more than 100 characters into one [UNK], so
# that 100,000 characters would count as one token. Such runs count one token per character instead: an upper bound
# however they are cut.
_LETTER = r"[^\s!-/:-@\[-`{-~]"
_LONG_RUN = re.compile(rf"(?<!{_LETTER}){_LETTER}{{{LONGEST_WORD_CHARS + 1},}}")
# The tokenizer is three times faster on pieces of this size than on a megabyte at once.
_PIECE = re.compile(r".{1,4000}(?=\s|\Z)|.{1,4000}", re.DOTALL)


class TokenMap:
    """Where the tokens of one text begin; `count` costs two binary searches, however long the span."""

    def __init__(self, text: str, starts: "array[int]", long_runs: "array[int]") -> None:
        self.text = text
        self._starts = starts
        self._long_runs = long_runs

    def count(self, start: int, end: int) -> int:
        """Tokens of `text[start:end]`, never fewer than the model sees when no word is cut at either end."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def is_exact(self, start: int, end: int) -> bool:
        """False when the count of the span is an upper bound, because a very long word reaches into it."""
        following = bisect_right(self._long_runs, start)
        free = following == len(self._long_runs) or self._long_runs[following] >= end
        return free and not self._in_long_run(start)

    def furthest(self, start: int, budget: int) -> int:
        """The largest end such that `text[start:end]` has at most `budget` tokens and no word is cut.

        `budget` must be more than `LONGEST_WORD_CHARS`.
        """
        first = bisect_left(self._starts, start)
        last = first + budget
        if last >= len(self._starts):
            return len(self.text)
        near = self._starts[max(first, last - LONGEST_WORD_CHARS - 1) + 1 : last + 1]
        near.reverse()
        return max(start + 1, self._best_cut(near, otherwise=near[0]))

    def back(self, end: int, budget: int) -> int:
        """The smallest start such that `text[start:end]` has at most `budget` tokens."""
        last = bisect_left(self._starts, end)
        return self._starts[max(0, last - budget)] if last else end

    def word_back(self, end: int, budget: int) -> int:
        """Like `back`, but where a text may begin without cutting a word; `end` when there is no such place."""
        last = bisect_left(self._starts, end)
        near = self._starts[max(0, last - budget) : last]
        inside = next((start for start in near if self._in_long_run(start)), end)
        return self._best_cut(near, otherwise=inside)

    def _best_cut(self, positions: "array[int]", *, otherwise: int) -> int:
        """The first position after a space, else the first that cuts no word."""
        spaced = (position for position in positions if position and self.text[position - 1].isspace())
        free = (position for position in positions if self._between_words(position))
        return next(spaced, next(free, otherwise))

    def _between_words(self, position: int) -> bool:
        return position == 0 or _ends_word(self.text[position - 1]) or _ends_word(self.text[position])

    def _in_long_run(self, position: int) -> bool:
        return bisect_right(self._long_runs, position) % 2 == 1


class TokenCounter:
    """The embedding model's own tokenizer, read from its `tokenizer.json` when first used.

    Counts are exact for tokenizers that split words before pieces (BERT and its kin).
    """

    def __init__(self, tokenizer_file: Path) -> None:
        self._tokenizer_file = tokenizer_file

    def map(self, text: str) -> TokenMap:
        """Tokenise `text` once for any number of counts."""
        starts, parts = self._starts(text)
        long_runs = array("q")
        for first, last in parts:
            for run in _LONG_RUN.finditer(text, first, last):
                long_runs.extend(run.span())
        return TokenMap(text, _with_runs_by_character(starts, long_runs), long_runs)

    def count(self, text: str) -> int:
        """Tokens of `text` without special tokens."""
        if self._words is not None:
            return len(self._words.starts(text, long=LONGEST_WORD_CHARS)[0])
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def seen(self, tokens: TokenMap, start: int, end: int) -> int:
        """Tokens that the model sees of a span that cuts no word, exactly and with special tokens."""
        exact = tokens.is_exact(start, end)
        size = tokens.count(start, end) if exact else self.count(tokens.text[start:end])
        return self.special_tokens + size

    def upper_bound(self, text: str) -> int:
        """Like `count`, but with one token per character of very long words, which may still be cut."""
        return self.map(text).count(0, len(text))

    @cached_property
    def special_tokens(self) -> int:
        """Tokens that the model adds to every text, such as [CLS] and [SEP]."""
        return self._tokenizer.num_special_tokens_to_add(is_pair=False)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        # sentence-transformers ships its files with truncation and padding on: every text would have 256 tokens.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _words(self) -> WordTokens | None:
        return WordTokens.of(self._tokenizer)

    def _starts(self, text: str) -> "tuple[array[int], list[tuple[int, int]]]":
        """Where the tokens begin, and the parts of the text in which there may be long runs."""
        if self._words is not None:
            return self._words.starts(text, long=LONGEST_WORD_CHARS)
        starts = array("q")
        for piece in _PIECE.finditer(text):
            first = piece.start()
            offsets = self._tokenizer.encode(piece[0], add_special_tokens=False).offsets
            starts.extend([first + start for start, _ in offsets])
        return starts, [(0, len(text))]


def _ends_word(character: str) -> bool:
    """As BERT's tokenizer sees it: vowel signs, joiners and symbols such as the euro's are parts of words."""
    if character.isascii():
        return not character.isalnum()
    return character.isspace() or unicodedata.category(character).startswith("P")


def _with_runs_by_character(starts: "array[int]", runs: "array[int]") -> "array[int]":
    """Replace the tokens of long runs, given as start, end, start, end ..., by one per character."""
    if not runs:
        return starts
    parts = array("q")
    done = 0
    for start, end in zip(runs[::2], runs[1::2], strict=True):
        parts.extend(starts[done : bisect_left(starts, start)])
        parts.extend(range(start, end))
        done = bisect_left(starts, end)
    parts.extend(starts[done:])
    return parts
