"""Where the tokens of a word tokenizer begin, word by word: a text repeats its words, and each is cut only once."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Self

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

_PUNCTUATION = r"!-/:-@\[-`{-~"
# Any other white space stands inside a word here: the tokenizer itself knows what it makes of it.
_SPACE = r"[ \t\n\r]"
_LEADING = re.compile(f"{_SPACE}*")
_WORD = rf"[^ \t\n\r{_PUNCTUATION}]+"
_PIECE = re.compile(r".{1,16384}(?=[ \t\n\r]|\Z)|.{1,16384}", re.DOTALL)
_GROUP_CHARS = 4_000
"""What the tokenizer gets at once: it is slower on longer texts."""
_MOST_KNOWN_CHARS = 1_000_000
"""About 25 MB; the words of a language that documents use are a tenth of that."""

_Offsets = tuple[int, ...]
_WHOLE: _Offsets = (0,)


class WordTokens:
    """Cuts words with a tokenizer and remembers where their tokens begin. Safe to use from several threads."""

    def __init__(self, tokenizer: Tokenizer, added: Iterable[str]) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, _Offsets] = {}
        self._known_chars = 0
        marks = [re.escape(mark) for mark in sorted(added, key=len, reverse=True)]
        self._unit = re.compile(f"(?:{'|'.join([_WORD, *marks, f'[{_PUNCTUATION}]'])}){_SPACE}*")

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self | None:
        """None for a tokenizer whose tokens depend on more than the word they are in."""
        added = list(tokenizer.get_added_tokens_decoder().values())
        by_word = (
            isinstance(tokenizer.normalizer, BertNormalizer)
            and isinstance(tokenizer.pre_tokenizer, BertPreTokenizer)
            and isinstance(tokenizer.model, WordPiece)
            and all(map(_stands_alone, added))
        )
        return cls(tokenizer, [mark.content for mark in added]) if by_word else None

    def starts(self, text: str, *, long: int) -> "tuple[array[int], list[tuple[int, int]]]":
        """Where each token of the text begins, as the tokenizer says of the whole text.

        Beside it the parts of the text that words of more than `long` characters may be in.
        """
        starts, parts = array("q"), list[tuple[int, int]]()
        unbroken = 0  # where the part without white space begins that the piece belongs to
        for piece in _PIECE.finditer(text):
            first, end = _LEADING.match(text, *piece.span()).end(), piece.end()  # pyright: ignore[reportOptionalMemberAccess] - it matches nothing, too
            unbroken = unbroken if first == piece.start() else first
            units = self._unit.findall(text, first, end)
            known = self._knowing(units)
            sizes = list(map(len, units))
            if max(sizes, default=0) > long or unbroken < piece.start():
                parts[-1:] = [*(part for part in parts[-1:] if part[0] < unbroken), (unbroken, end)]
            places = accumulate(sizes, initial=first)
            for place, offsets in zip(places, map(known.__getitem__, units), strict=False):
                if offsets is _WHOLE:
                    starts.append(place)
                else:
                    starts.extend([place + offset for offset in offsets])
        return starts, parts

    def _knowing(self, units: Sequence[str]) -> dict[str, _Offsets]:
        """What is known, with every one of these words, which end with the space behind them."""
        if self._known_chars > _MOST_KNOWN_CHARS:
            self._known, self._known_chars = {}, 0  # another thread goes on with the former
        known = self._known
        words = {unit: unit.rstrip() for unit in set(units).difference(known)}
        for group in _groups(sorted(set(words.values()).difference(known))):
            known.update(zip(group, self._cut(group), strict=True))
        known.update({unit: known[word] for unit, word in words.items()})
        self._known_chars += sum(map(len, words))
        return known

    def _cut(self, words: Sequence[str]) -> Iterator[_Offsets]:
        """Where the tokens of each word begin in it; a word of nothing but signs that the model drops has none."""
        encoded = self._tokenizer.encode(" ".join(words), add_special_tokens=False).offsets
        starts = [start for start, _ in encoded]
        first = at = 0
        for word in words:
            end, of_word = first + len(word), at
            while at < len(starts) and starts[at] < end:
                at += 1
            offsets = tuple(start - first for start in starts[of_word:at])
            yield _WHOLE if offsets == _WHOLE else offsets
            first = end + 1


def _stands_alone(mark: AddedToken) -> bool:
    """Whether an added token is found as it is written, whatever is beside it, and is no word."""
    plain = not (mark.lstrip or mark.rstrip or mark.single_word or mark.normalized)
    return plain and re.match(rf"[{_PUNCTUATION}]\S*\Z", mark.content) is not None


def _groups(words: Sequence[str]) -> Iterator[list[str]]:
    """The words in groups of so many characters."""
    group: list[str] = []
    room = _GROUP_CHARS
    for word in words:
        if group and len(word) > room:
            yield group
            group, room = [], _GROUP_CHARS
        group.append(word)
        room -= len(word) + 1
    if group:
        yield group
