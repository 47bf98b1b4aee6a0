"""Haystack's default indexing: `peer_haystack.py DOCUMENTS MODEL`, run by its own Python.

The pipeline of its documentation: a router by file type, PyPDFToDocument and HTMLToDocument, DocumentCleaner,
DocumentSplitter, SentenceTransformersDocumentEmbedder, DocumentWriter into the in-memory store. It keeps nothing that
would tell unchanged files apart, so the second run, in the same process, does all again.
"""

import sys
from pathlib import Path

from figures_of_run import EmbedderClock, measure, tell
from haystack import Pipeline
from haystack.components.converters import HTMLToDocument, PyPDFToDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
from haystack.components.routers import FileTypeRouter
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.document_stores.types import DuplicatePolicy
from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersDocumentEmbedder


def main(folder: str, model: str) -> None:
    """Two runs, the second over the same files."""
    clock, store = EmbedderClock(), InMemoryDocumentStore()
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    embedder.run = clock.around(embedder.run)
    parts = {
        "router": FileTypeRouter(mime_types=["application/pdf", "text/html"]),
        "pdf": PyPDFToDocument(),
        "html": HTMLToDocument(),
        "joiner": DocumentJoiner(),
        "cleaner": DocumentCleaner(),
        "splitter": DocumentSplitter(),
        "embedder": embedder,
        "writer": DocumentWriter(store, policy=DuplicatePolicy.OVERWRITE),
    }
    pipeline = Pipeline()
    for name, part in parts.items():
        pipeline.add_component(name, part)
    for sender, receiver in (
        ("router.application/pdf", "pdf.sources"),
        ("router.text/html", "html.sources"),
        ("pdf", "joiner"),
        ("html", "joiner"),
        ("joiner", "cleaner"),
        ("cleaner", "splitter"),
        ("splitter", "embedder"),
        ("embedder", "writer"),
    ):
        pipeline.connect(sender, receiver)
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())

    def work() -> tuple[int, int]:
        pipeline.run({"router": {"sources": files}})
        found = store.filter_documents()
        return len({document.meta.get("file_path") for document in found}), len(found)

    cold = measure(work, clock)
    tell(cold=cold, again=measure(work, clock))


if __name__ == "__main__":
    main(*sys.argv[1:])
