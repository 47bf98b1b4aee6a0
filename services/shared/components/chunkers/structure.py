"""The default chunker: follows a document's own structure within the embedding model's token budget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce

from services.shared.components.chunkers.atoms import Atom, atoms_of, sentence_starts
from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.sections import Section, common_path, grouped_sections
from services.shared.components.chunkers.tokens import TokenCounter, TokenMap, checked_budget
from services.shared.components.parsers.document import Block, BlockKind, ParsedDocument

_HEADING_SEPARATOR = " > "
_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST)


class StructureChunker:
    """Chunks of at most `max_tokens`, counted with the embedding model's tokenizer over what the model will see.

    That is the path of headings, for rows from the middle of a table its header row, the text, and special tokens.
    Sections are kept apart unless they are tiny, tables are cut between rows, code blocks stay whole where they fit.
    Neighbouring chunks of prose share up to `overlap_tokens` of whole sentences.
    """

    def __init__(self, counter: TokenCounter, *, max_tokens: int = 256, overlap_tokens: int = 32) -> None:
        self._counter = counter
        self._max_tokens = checked_budget(max_tokens)
        self._overlap_tokens = min(overlap_tokens, max_tokens // 2)

    def chunk(self, document: ParsedDocument) -> list[Chunk]:
        """See `Chunker.chunk`."""
        tokens = self._counter.map(document.text)
        packing = _Packing(tokens, self._counter, self._max_tokens, self._overlap_tokens)
        quarter = self._max_tokens // 4
        sections = grouped_sections(document.blocks, tokens, tiny=quarter, room=packing.section_room)
        spans = [span for section in sections for span in packing.spans(section)]
        return [packing.chunk(span, index) for index, span in enumerate(spans)]


@dataclass(frozen=True, slots=True)
class _Span:
    """A chunk to be: whole atoms, and where the text starts, which overlap may put before the first atom."""

    atoms: Sequence[Atom]
    start: int

    @property
    def end(self) -> int:
        return self.atoms[-1].end


@dataclass(slots=True)
class _Packing:
    """Packs the atoms of sections into chunks of one document."""

    tokens: TokenMap
    counter: TokenCounter
    max_tokens: int
    overlap_tokens: int
    _sizes: dict[str, int] = field(default_factory=dict[str, int])
    _paths: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    @property
    def section_room(self) -> int:
        """Tokens that are left for the text of a section under the longest path of headings."""
        return self.max_tokens - self.counter.special_tokens - self.max_tokens // 4

    def spans(self, section: Section) -> Iterator[_Span]:
        """The chunks of one section, in order."""
        atoms = list(self._atoms(section))
        first, start = 0, atoms[0].start
        for number in range(1, len(atoms)):
            if self.tokens.count(start, atoms[number].end) <= self._room(atoms[first]):
                continue
            cut = _before_headings(atoms, first, number)
            yield _Span(atoms[first:cut], start)
            start = self._overlap(atoms, first, cut, number)
            first = cut
        yield _Span(atoms[first:], start)

    def chunk(self, span: _Span, index: int) -> Chunk:
        """The finished chunk."""
        text = self.tokens.text[span.start : span.end]
        context = self._context(span.atoms[0])
        size = self.counter.seen(self.tokens, span.start, span.end)
        return Chunk(
            text=text,
            char_start=span.start,
            char_end=span.end,
            page=span.atoms[0].block.page,
            headings=_shared_headings(span.atoms),
            index=index,
            token_count=self._size(context) + size,
            context=context,
        )

    def _atoms(self, section: Section) -> Iterator[Atom]:
        lead = 0  # tokens of the headings directly above, which belong into the same chunk
        for block in section.blocks:
            room = self._room(Atom(block, block.char_start, block.char_end))
            keep = min(lead, room // 4)
            yield from atoms_of(block, self.tokens, room=room - keep, header_room=self.max_tokens // 8)
            size = self.tokens.count(block.char_start, block.char_end)
            lead = lead + size if block.kind is BlockKind.HEADING else 0

    def _room(self, atom: Atom) -> int:
        """Tokens left for the text of a chunk that begins with this atom."""
        return self.max_tokens - self.counter.special_tokens - self._size(self._context(atom))

    def _overlap(self, atoms: Sequence[Atom], first: int, cut: int, last: int) -> int:
        """Where the chunk of `atoms[cut:last + 1]` starts: some sentences back when it goes on with the same prose."""
        before, after = atoms[cut - 1], atoms[cut]
        if not _is_same_prose(before, after):
            return after.start
        earliest = max(self.tokens.back(before.end, self.overlap_tokens), atoms[first].start + 1)
        room = self._room(after)
        for start in sentence_starts(self.tokens.text, earliest, before.end):
            if self.tokens.count(start, atoms[last].end) <= room:
                return start
        return after.start

    def _context(self, atom: Atom) -> str:
        """Headings above the atom, and a table's header; at most a quarter and an eighth of the budget."""
        above = atom.block.headings[:-1] if atom.is_heading else atom.block.headings
        path = self._paths.get(above)
        if path is None:
            path = self._paths[above] = self._within(above, self.max_tokens // 4)
        return f"{path}\n{atom.table_header}" if path and atom.table_header else path or atom.table_header

    def _within(self, headings: tuple[str, ...], budget: int) -> str:
        """The innermost headings that fit."""
        for first in range(len(headings)):
            path = _HEADING_SEPARATOR.join(headings[first:])
            if self._size(path) <= budget:
                return path
        return ""

    def _size(self, text: str) -> int:
        if text not in self._sizes:
            self._sizes[text] = self.counter.count(text) if text else 0
        return self._sizes[text]


def _before_headings(atoms: Sequence[Atom], first: int, number: int) -> int:
    """Where to cut so that no heading ends a chunk, unless there is nothing else in it."""
    cut = number
    while cut > first + 1 and atoms[cut - 1].is_heading:
        cut -= 1
    return number if atoms[first].is_heading and cut == first + 1 else cut


def _is_same_prose(before: Atom, after: Atom) -> bool:
    prose = before.block.kind in _PROSE and after.block.kind in _PROSE
    return prose and before.block.headings == after.block.headings


def _shared_headings(atoms: Sequence[Atom]) -> tuple[str, ...]:
    """The path of the content; of the headings themselves only when there is nothing else."""
    blocks: list[Block] = [a.block for a in atoms if not a.is_heading] or [a.block for a in atoms]
    return reduce(common_path, (block.headings for block in blocks))
