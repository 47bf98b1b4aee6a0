"""The options that say how documents are cut, as the API takes them."""

from services.frontend.cli.exits import CliError, ExitCode
from services.shared.contracts.chunking import ChunkerName, Chunking, ChunkingChoice


def chosen(
    chunker: str | None, max_tokens: int | None, overlap_tokens: int | None, parent_tokens: int | None
) -> ChunkingChoice | None:
    """What was chosen; None when nothing was.

    Raises:
        CliError: there is no such chunker.
    """
    if chunker is None and max_tokens is None and overlap_tokens is None and parent_tokens is None:
        return None
    names = [name.value for name in ChunkerName]
    if chunker is not None and chunker not in names:
        raise CliError(f"There is no chunker '{chunker}'; there are {', '.join(names)}.", exit_code=ExitCode.USAGE)
    name = None if chunker is None else ChunkerName(chunker)
    return ChunkingChoice(
        chunker=name, max_tokens=max_tokens, overlap_tokens=overlap_tokens, parent_tokens=parent_tokens
    )


def described(chosen: Chunking | None) -> str:
    """A collection's chunking in a few words."""
    if chosen is None:
        return "as the platform's settings say"
    if chosen.parent_tokens is not None:
        return f"{chosen.chunker}, at most {chosen.max_tokens} tokens in passages of {chosen.parent_tokens}"
    return f"{chosen.chunker}, at most {chosen.max_tokens} tokens, overlap {chosen.overlap_tokens}"
