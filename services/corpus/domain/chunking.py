"""How a collection's documents are to be cut: what somebody chose, completed and checked."""

from dataclasses import dataclass

from services.shared.contracts.chunking import SMALLEST_CHUNK_TOKENS, ChunkerName, Chunking, ChunkingChoice
from services.shared.kit.errors import InvalidRequestError

_CHILD_TOKENS = 128
_CHILDREN_PER_PARENT = 4
_MOST_PARENT_TOKENS = 4_096
_WITHOUT_OVERLAP = frozenset({ChunkerName.RECURSIVE, ChunkerName.PARENT_CHILD})


@dataclass(frozen=True)
class ChunkingRules:
    """The platform's defaults, and the tokens that the embedding model reads of a text."""

    default: Chunking
    window_tokens: int

    def completed(self, choice: ChunkingChoice, *, base: Chunking | None = None) -> Chunking:
        """The choice, with what it leaves out from `base`, else from the defaults.

        An overlap that nobody chose shrinks to what the rest allows. Chunks that are read in larger passages are small
        when nobody says how large.

        Raises:
            InvalidRequestError: no collection can be cut like this.
        """
        basis = base or self.default
        chunker = choice.chunker or basis.chunker
        max_tokens = _basic_size(chunker, basis) if choice.max_tokens is None else choice.max_tokens
        overlap_tokens = choice.overlap_tokens
        if overlap_tokens is None:
            overlap_tokens = _fitting_overlap(chunker, max_tokens, basis.overlap_tokens)
        self._check_budget(max_tokens)
        _check_overlap(chunker, max_tokens, overlap_tokens)
        parent_tokens = _parent_tokens(chunker, max_tokens, choice.parent_tokens, basis)
        return Chunking(
            chunker=chunker, max_tokens=max_tokens, overlap_tokens=overlap_tokens, parent_tokens=parent_tokens
        )

    def _check_budget(self, max_tokens: int) -> None:
        if max_tokens < SMALLEST_CHUNK_TOKENS:
            raise _refusal("max_tokens", f"is {max_tokens:,}, must be at least {SMALLEST_CHUNK_TOKENS}")
        if max_tokens > self.window_tokens:
            detail = (
                f"is {max_tokens:,}, more than the {self.window_tokens:,} tokens that the embedding model reads of a "
                "text (RAGWORKS_EMBEDDING_WINDOW_TOKENS); the rest of each chunk would not be found"
            )
            raise _refusal("max_tokens", detail)


def _basic_size(chunker: ChunkerName, basis: Chunking) -> int:
    made_for_it = chunker is not ChunkerName.PARENT_CHILD or basis.chunker is ChunkerName.PARENT_CHILD
    return basis.max_tokens if made_for_it else min(_CHILD_TOKENS, basis.max_tokens)


def _parent_tokens(chunker: ChunkerName, max_tokens: int, wanted: int | None, basis: Chunking) -> int | None:
    if chunker is not ChunkerName.PARENT_CHILD:
        if wanted is not None:
            raise _refusal(
                "parent_tokens", f"is {wanted:,}, but only the chunker 'parent-child' has passages: leave it"
            )
        return None
    if wanted is None:
        return max(basis.parent_tokens or _CHILDREN_PER_PARENT * max_tokens, max_tokens)
    if not max_tokens <= wanted <= _MOST_PARENT_TOKENS:
        raise _refusal(
            "parent_tokens", f"is {wanted:,}, must be from max_tokens ({max_tokens:,}) to {_MOST_PARENT_TOKENS:,}"
        )
    return wanted


def _fitting_overlap(chunker: ChunkerName, max_tokens: int, wanted: int) -> int:
    if chunker in _WITHOUT_OVERLAP:
        return 0
    return wanted if 2 * wanted < max_tokens else max(0, max_tokens // 4)


def _check_overlap(chunker: ChunkerName, max_tokens: int, overlap_tokens: int) -> None:
    if overlap_tokens < 0:
        raise _refusal("overlap_tokens", f"is {overlap_tokens:,}, must be 0 or more")
    if 2 * overlap_tokens >= max_tokens:
        raise _refusal(
            "overlap_tokens", f"is {overlap_tokens:,}, must be less than half of max_tokens ({max_tokens:,})"
        )
    if overlap_tokens and chunker in _WITHOUT_OVERLAP:
        raise _refusal("overlap_tokens", f"is {overlap_tokens:,}, but the chunker '{chunker}' makes no overlap: use 0")


def _refusal(field: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError(f"chunking.{field} {detail}.", code="invalid_chunking", param=f"chunking.{field}")
