"""Groups blocks into sections, and tiny neighbouring sections under the heading they share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.shared.components.chunkers.tokens import TokenMap
from services.shared.components.parsers.document import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks that are read together; no chunk crosses the end of one. `headings` holds for all its content."""

    blocks: tuple[Block, ...]
    headings: tuple[str, ...]

    def tokens(self, tokens: TokenMap) -> int:
        """Tokens from the first block to the last."""
        return tokens.count(self.blocks[0].char_start, self.blocks[-1].char_end)


def grouped_sections(blocks: Sequence[Block], tokens: TokenMap, *, tiny: int, room: int) -> list[Section]:
    """The sections of a document; one below `tiny` tokens joins the next, else the one before it, if both fit `room`.

    Only neighbours under the same parent are joined, so that the headings above the first hold for all.
    """
    forward: list[Section] = []
    for section in _sections(blocks):
        _append(forward, section, tokens, room=room, join=bool(forward) and forward[-1].tokens(tokens) < tiny)
    both_ways: list[Section] = []
    for section in forward:
        _append(both_ways, section, tokens, room=room, join=section.tokens(tokens) < tiny)
    return both_ways


def common_path(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """The headings that two paths share, outermost first."""
    length = 0
    for ours, theirs in zip(first, second, strict=False):
        if ours != theirs:
            break
        length += 1
    return first[:length]


def _append(groups: list[Section], section: Section, tokens: TokenMap, *, room: int, join: bool) -> None:
    """Add a section to the groups, as part of the last one when it may `join`, is related, and fits."""
    joined = _joined(groups[-1], section) if join and groups else None
    if joined is not None and joined.tokens(tokens) <= room:
        groups[-1] = joined
    else:
        groups.append(section)


def _joined(first: Section, second: Section) -> Section | None:
    shared = common_path(first.headings, second.headings)
    related = shared and len(shared) >= len(first.headings) - 1
    return Section(first.blocks + second.blocks, shared) if related else None


def _sections(blocks: Sequence[Block]) -> Iterator[Section]:
    """Runs of headings followed by their content: a heading directly above another leads the other's section."""
    first = 0
    for number in range(1, len(blocks) + 1):
        ends = number == len(blocks) or (_is_heading(blocks[number]) and not _is_heading(blocks[number - 1]))
        if ends:
            yield Section(tuple(blocks[first:number]), blocks[number - 1].headings)
            first = number


def _is_heading(block: Block) -> bool:
    return block.kind is BlockKind.HEADING
