"""LlamaIndex's default ingestion: `peer_llamaindex.py DOCUMENTS MODEL STORE [CHUNK_TOKENS]`, run by its own Python.

The pipeline of its documentation: SimpleDirectoryReader, SentenceSplitter, HuggingFaceEmbedding, SimpleVectorStore,
with docstore and cache, which are kept in STORE and used when they are there.
"""

import sys
from pathlib import Path

from figures_of_run import EmbedderClock, Run, measure, tell
from llama_index.core import SimpleDirectoryReader
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from llama_index.embeddings.huggingface import HuggingFaceEmbedding


def main(folder: str, model: str, store: str, chunk_tokens: str | None = None) -> None:
    """One run."""
    clock = EmbedderClock()
    embedder = HuggingFaceEmbedding(model_name=model)
    network = embedder._model  # noqa: SLF001 - its time is what we want to know
    network.encode = clock.around(network.encode)
    splitter = SentenceSplitter(chunk_size=int(chunk_tokens), chunk_overlap=0) if chunk_tokens else SentenceSplitter()
    kept, known = Path(store), Path(store, "vectors.json").is_file()
    vectors = SimpleVectorStore.from_persist_path(str(kept / "vectors.json")) if known else SimpleVectorStore()
    pipeline = IngestionPipeline(
        transformations=[splitter, embedder], docstore=SimpleDocumentStore(), vector_store=vectors
    )

    def work() -> tuple[int, int]:
        if known:
            pipeline.load(str(kept / "pipeline"))
        documents = SimpleDirectoryReader(folder, recursive=True, filename_as_id=True).load_data()
        nodes = pipeline.run(documents=documents)
        pipeline.persist(str(kept / "pipeline"))
        vectors.persist(str(kept / "vectors.json"))
        return len({document.metadata["file_path"] for document in documents}), len(nodes)

    run: Run = measure(work, clock)
    tell(run=run)


if __name__ == "__main__":
    main(*sys.argv[1:])
