"""Documents for ingest tests, and the points they must become."""

from hashlib import sha256

from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.chunkers.structure import StructureChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.parse import parse_document
from services.shared.contracts.chunks import chunk_id, document_id
from tests.integration.ingest.stack import Stack

SECTION_WORDS = 150


def chapters(name: str, sections: int = 3) -> bytes:
    """A Markdown document of some chunks."""
    parts = [
        f"# {name}, part {number}\n\nPart {number} tells about {name}. " + "It has many words. " * (SECTION_WORDS // 4)
        for number in range(sections)
    ]
    return "\n\n".join(parts).encode()


def library(documents: int) -> dict[str, bytes]:
    """Several documents by source name."""
    return {f"library/book-{number}.md": chapters(f"book {number}") for number in range(documents)}


def expected_points(stack: Stack, collection: str, contents: dict[str, bytes]) -> set[str]:
    """The ids of exactly the points that the contents are to become."""
    return set(expected_chunks(stack, collection, contents))


def expected_chunks(stack: Stack, collection: str, contents: dict[str, bytes]) -> dict[str, Chunk]:
    """The chunks that the contents are to become, by the ids of their points."""
    with stack.corpus() as http:
        collection_id = http.get(f"/api/collections/{collection}").json()["id"]
    chunker = StructureChunker(TokenCounter(stack.home / "models" / "all-MiniLM-L6-v2" / "tokenizer.json"))
    found: dict[str, Chunk] = {}
    for source, content in contents.items():
        document, version = document_id(collection_id, source), sha256(content).hexdigest()
        chunks = chunker.chunk(parse_document(content, filename=source))
        found |= {str(chunk_id(document, version, chunk.index)): chunk for chunk in chunks}
    return found
