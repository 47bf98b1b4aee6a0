"""What of a passage is shown."""

from datetime import UTC, datetime

from services.frontend.cli.commands.search import snippet_of
from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.search import FoundChunk, Passage, PassageScores


def _passage(text: str, *, start: int = 0, found: FoundChunk | None = None) -> Passage:
    chunk = ChunkPayload(
        collection="c",
        document_id="d",
        document_version="v",
        source="s",
        title="t",
        text=text,
        index=0,
        char_start=start,
        char_end=start + len(text),
        content_hash="h",
        embedding_model="m",
        access=("everyone",),
        ingested_at=datetime.now(UTC),
    )
    return Passage(id="p", scores=PassageScores(fused=1), chunk=chunk, found=found)


def test_a_long_text_is_cut() -> None:
    assert snippet_of(_passage("short\n text")) == "short text"
    assert snippet_of(_passage("word " * 100)).endswith("…")


def test_of_a_larger_passage_what_was_found_is_shown() -> None:
    found = FoundChunk(index=1, char_start=116, char_end=130, page=None)
    assert snippet_of(_passage("What stands here. What was found.", start=98, found=found)) == "… What was found."
