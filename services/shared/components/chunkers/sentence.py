"""Whole sentences, packed up to the budget: for prose whose headings say little."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.shared.components.chunkers.atoms import LINE_GAP, between_gaps, fitting
from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.sentences import sentence_spans
from services.shared.components.chunkers.spans import chunks_of
from services.shared.components.chunkers.tokens import TokenCounter, TokenMap, checked_budget
from services.shared.components.parsers.document import Block, BlockKind, ParsedDocument

_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST)


class SentenceChunker:
    """Chunks of at most `max_tokens` that begin and end with a sentence, a line of code or a row of a table.

    Only one that is too long by itself is cut: between its lines, then between words. Neighbouring chunks of prose
    share up to `overlap_tokens` of whole sentences. Sections are not kept apart, but no chunk ends with a heading
    when the heading fits into the next one.
    """

    def __init__(self, counter: TokenCounter, *, max_tokens: int = 256, overlap_tokens: int = 32) -> None:
        self._counter = counter
        self._max_tokens = checked_budget(max_tokens)
        self._overlap_tokens = min(overlap_tokens, max_tokens // 2)

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """See `Chunker.chunk`."""
        tokens = self._counter.map(document.text)
        packing = _Packing(tokens, self._max_tokens - self._counter.special_tokens, self._overlap_tokens)
        units = [unit for block in document.blocks for unit in packing.units(block)]
        return chunks_of(document, packing.spans(units), lambda start, end: self._counter.seen(tokens, start, end))


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is kept whole."""

    kind: BlockKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Packing:
    """Packs the units of one document into at most `room` tokens."""

    tokens: TokenMap
    room: int
    overlap: int

    def units(self, block: Block) -> Iterator[_Unit]:
        """The units of a block, in order."""
        for start, end in self._wholes(block):
            spans = [(start, end)]
            if self.tokens.count(start, end) > self.room:
                lines = between_gaps(self.tokens.text, start, end, LINE_GAP)
                spans = list(fitting(lines, self.tokens, self.room))
            yield from (_Unit(block.kind, *span) for span in spans)

    def spans(self, units: Sequence[_Unit]) -> Iterator[tuple[int, int]]:
        """Where the chunks begin and end."""
        if not units:
            return
        first = cut = 0
        for number in range(1, len(units)):
            if self._fits(units[first], units[number]):
                continue
            cut = self._cut(units, max(first, cut), number)
            yield units[first].start, units[cut - 1].end
            first = self._again(units, first, cut, number)
        yield units[first].start, units[-1].end

    def _wholes(self, block: Block) -> Iterator[tuple[int, int]]:
        text = self.tokens.text
        if block.kind is BlockKind.PARAGRAPH:
            yield from sentence_spans(text, block.char_start, block.char_end)
            return
        for line in between_gaps(text, block.char_start, block.char_end, LINE_GAP):
            yield from sentence_spans(text, *line) if block.kind is BlockKind.LIST else [line]

    def _fits(self, first: _Unit, last: _Unit) -> bool:
        return self.tokens.count(first.start, last.end) <= self.room

    def _cut(self, units: Sequence[_Unit], new: int, number: int) -> int:
        """Where the chunk that has no room for unit `number` ends: before the headings at its end, if they fit on.

        It takes at least unit `new`: those before it the chunk before it had, too.
        """
        cut = number
        while cut > new and units[cut - 1].kind is BlockKind.HEADING:
            cut -= 1
        return cut if cut > new and self._fits(units[cut], units[number]) else number

    def _again(self, units: Sequence[_Unit], first: int, cut: int, number: int) -> int:
        """The unit that the next chunk, which must have room for unit `number`, begins with."""
        again = cut
        while again - 1 > first and self._repeats(units[again - 1], units[cut - 1], upto=units[number]):
            again -= 1
        return again

    def _repeats(self, earlier: _Unit, last: _Unit, *, upto: _Unit) -> bool:
        size = self.tokens.count(earlier.start, last.end)
        return earlier.kind in _PROSE and size <= self.overlap and self._fits(earlier, upto)
