"""How a collection's documents are to be cut: what somebody chose, completed and checked."""

from dataclasses import dataclass

from services.shared.contracts.chunking import SMALLEST_CHUNK_TOKENS, ChunkerName, Chunking, ChunkingChoice
from services.shared.kit.errors import InvalidRequestError


@dataclass(frozen=True)
class ChunkingRules:
    """The platform's defaults, and the tokens that the embedding model reads of a text."""

    default: Chunking
    window_tokens: int

    def completed(self, choice: ChunkingChoice, *, base: Chunking | None = None) -> Chunking:
        """The choice, with what it leaves out from `base`, else from the defaults.

        An overlap that nobody chose shrinks to what the rest allows.

        Raises:
            InvalidRequestError: no collection can be cut like this.
        """
        basis = base or self.default
        chunker = choice.chunker or basis.chunker
        max_tokens = basis.max_tokens if choice.max_tokens is None else choice.max_tokens
        overlap_tokens = choice.overlap_tokens
        if overlap_tokens is None:
            overlap_tokens = _fitting_overlap(chunker, max_tokens, basis.overlap_tokens)
        self._check_budget(max_tokens)
        _check_overlap(chunker, max_tokens, overlap_tokens)
        return Chunking(chunker=chunker, max_tokens=max_tokens, overlap_tokens=overlap_tokens)

    def _check_budget(self, max_tokens: int) -> None:
        if max_tokens < SMALLEST_CHUNK_TOKENS:
            raise _refusal("max_tokens", f"is {max_tokens:,}, must be at least {SMALLEST_CHUNK_TOKENS}")
        if max_tokens > self.window_tokens:
            detail = (
                f"is {max_tokens:,}, more than the {self.window_tokens:,} tokens that the embedding model reads of a "
                "text (RAGWORKS_EMBEDDING_WINDOW_TOKENS); the rest of each chunk would not be found"
            )
            raise _refusal("max_tokens", detail)


def _fitting_overlap(chunker: ChunkerName, max_tokens: int, wanted: int) -> int:
    if chunker is ChunkerName.RECURSIVE:
        return 0
    return wanted if 2 * wanted < max_tokens else max(0, max_tokens // 4)


def _check_overlap(chunker: ChunkerName, max_tokens: int, overlap_tokens: int) -> None:
    if overlap_tokens < 0:
        raise _refusal("overlap_tokens", f"is {overlap_tokens:,}, must be 0 or more")
    if 2 * overlap_tokens >= max_tokens:
        raise _refusal(
            "overlap_tokens", f"is {overlap_tokens:,}, must be less than half of max_tokens ({max_tokens:,})"
        )
    if overlap_tokens and chunker is ChunkerName.RECURSIVE:
        raise _refusal("overlap_tokens", f"is {overlap_tokens:,}, but the chunker '{chunker}' makes no overlap: use 0")


def _refusal(field: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError(f"chunking.{field} {detail}.", code="invalid_chunking", param=f"chunking.{field}")
