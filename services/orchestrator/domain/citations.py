"""Which passage a sentence comes from, decided by the words and numbers they share, and marked while streaming.

The numbers a model writes are not trusted: they are taken out, and a sentence gets a number only when a passage
holds enough of its content words and every number in it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.shared.contracts.openai import Citation
from services.shared.contracts.search import Passage

_WORD = re.compile(r"[^\W_]+(?:[.:'/-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_OWN_MARK = re.compile(r"\s?\[\d{1,3}\]")
_UNFINISHED_MARK = re.compile(r"\s?(?:\[\d{0,3})?$")
_SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*(?=\s)|\n+")
_HELD_END = re.compile(r"[.!?]+[\"')\]]*\s*$")
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be been but by can did do does for from had has have he her his how i if in into is it its
        may of on or our she should so such than that the their them then there these they this to was we were what
        when where which who why will with would you your not no
        """,
    )
)


@dataclass(frozen=True)
class Source:
    """A passage that can be cited: its number and what it says, prepared for comparison."""

    number: int
    passage: Passage
    words: frozenset[str]


def number_sources(passages: Sequence[Passage]) -> list[Source]:
    """The passages of a prompt with the numbers they have there."""
    return [
        Source(
            number=number,
            passage=passage,
            words=_words(" ".join((*passage.chunk.headings, passage.chunk.text))),
        )
        for number, passage in enumerate(passages, start=1)
    ]


def supporting(sentence: str, sources: Sequence[Source], *, min_support: float) -> Source | None:
    """The passage that supports a sentence best, or None; of equals, the one ranked higher."""
    words = _words(_OWN_MARK.sub("", sentence))
    content = words - _STOP_WORDS
    if not content:
        return None
    numbers = {word for word in content if any(char.isdigit() for char in word)}
    candidates = [source for source in sources if numbers <= source.words]
    best = max(candidates, key=lambda source: (len(content & source.words), -source.number), default=None)
    if best is None or len(content & best.words) < min_support * len(content):
        return None
    return best


def cite(source: Source) -> Citation:
    """The citation of a source, as it travels with the answer."""
    chunk = source.passage.chunk
    return Citation(
        number=source.number,
        chunk_id=source.passage.id,
        document_id=chunk.document_id,
        file_id=chunk.file_id,
        title=chunk.title,
        source=chunk.source,
        page=chunk.page,
        char_start=chunk.char_start,
        char_end=chunk.char_end,
        quote=chunk.text,
        score=source.passage.scores.fused,
    )


@dataclass(frozen=True)
class Mark:
    """A `[n]` in an answer: which source it names and where it stands, in characters of the answer."""

    source: Source
    start: int
    end: int


@dataclass
class CitationMarker:
    """Puts ` [n]` behind each supported sentence of a stream, holding back as little text as it can."""

    sources: Sequence[Source]
    min_support: float
    marks: list[Mark] = field(default_factory=list[Mark])
    _sentence: str = ""
    _held: str = ""
    _shown_chars: int = 0

    def feed(self, delta: str) -> str:
        """The text that can be shown now."""
        text = _OWN_MARK.sub("", self._held + delta)
        shown = ""
        while (end := _SENTENCE_END.search(text)) is not None:
            shown += self._close(text[: end.start()], end.group())
            text = text[end.end() :]
        hold = min(_start(_HELD_END, text), _start(_UNFINISHED_MARK, text))
        self._sentence += text[:hold]
        self._held = text[hold:]
        self._shown_chars += hold
        return shown + text[:hold]

    def finish(self) -> str:
        """The rest of the text, when the stream has ended."""
        text, self._held = _OWN_MARK.sub("", self._held), ""
        end = _start(_HELD_END, text)
        return self._close(text[:end], text[end:].rstrip())

    def citations(self) -> list[Citation]:
        """The sources that were cited, by number."""
        cited = {mark.source.number: mark.source for mark in self.marks}
        return [cite(cited[number]) for number in sorted(cited)]

    def _close(self, rest: str, terminator: str) -> str:
        sentence, self._sentence = self._sentence + rest, ""
        source = supporting(sentence, self.sources, min_support=self.min_support)
        mark = f" [{source.number}]" if source else ""
        if source is not None:
            start = self._shown_chars + len(rest) + 1
            self.marks.append(Mark(source=source, start=start, end=start + len(mark) - 1))
        self._shown_chars += len(rest + mark + terminator)
        return rest + mark + terminator


def _start(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return match.start() if match else len(text)


def _words(text: str) -> frozenset[str]:
    """Words and their parts, lower-cased and with plural endings off: `api.key` counts as itself, `api` and `key`."""
    lowered = text.lower()
    return frozenset(_stem(word) for pattern in (_WORD, _PART) for word in pattern.findall(lowered))


def _stem(word: str) -> str:
    if len(word) > 4 and word.isalpha():
        for ending in ("ing", "ed", "es", "s"):
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word[: -len(ending)]
    return word
