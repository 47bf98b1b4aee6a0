"""The peer: LangChain's stock hybrid retriever on `QdrantVectorStore`, and the chain its users put together with it.

It stands on the same vector database, the same embedding model and the same language model as the platform.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langchain_qdrant import QdrantVectorStore, RetrievalMode, SparseEmbeddings, SparseVector
from langchain_text_splitters import RecursiveCharacterTextSplitter
from pydantic import SecretStr

from pipelines.evaluate.dataset import CorpusDocument
from services.frontend.cli.settings import CliSettings
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.embedders.sparse import SparseVector as OurSparseVector

PASSAGES = 4
_CHUNK_CHARS, _OVERLAP_CHARS = 1_000, 200
_TOKENS = 200
_BATCH = 256
_INSTRUCTIONS = (
    "Answer the user's question from the context below, in three sentences at most. When the context does not hold the "
    "answer, say that you don't know.\n\nContext:\n{context}"
)
_PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", _INSTRUCTIONS),
        ("human", "{question}"),
    ]
)


class Bm25Sparse(SparseEmbeddings):
    """BM25 weights as LangChain's interface wants them; its own default would be downloaded from a model hub."""

    def __init__(self) -> None:
        self._model = Bm25Embedder()

    def embed_documents(self, texts: list[str]) -> list[SparseVector]:
        """Weights of chunks."""
        return [_sparse(self._model.embed_document(text)) for text in texts]

    def embed_query(self, text: str) -> SparseVector:
        """Weights of a question's terms."""
        return _sparse(self._model.embed_query(text))


@dataclass(frozen=True)
class LangChainPeer:
    """A store and a chain over it."""

    store: QdrantVectorStore
    chain: Runnable[dict[str, str], str]

    @classmethod
    def over(
        cls, documents: Iterable[CorpusDocument], *, settings: CliSettings, key: str, model: str, collection: str
    ) -> "LangChainPeer":
        """Everything ingested; the collection is made anew."""
        base_url = f"{settings.gateway_url}/v1"
        store = QdrantVectorStore.from_texts(
            [],
            embedding=OpenAIEmbeddings(
                model=settings.embedding_model,
                base_url=base_url,
                api_key=SecretStr(key),
                check_embedding_ctx_length=False,  # would send token numbers, which only OpenAI's models read
                chunk_size=_BATCH,
            ),
            sparse_embedding=Bm25Sparse(),
            retrieval_mode=RetrievalMode.HYBRID,
            collection_name=collection,
            url=settings.vectordb_url,
            api_key=settings.secret("vectordb").get_secret_value(),
            force_recreate=True,
        )
        splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK_CHARS, chunk_overlap=_OVERLAP_CHARS)
        store.add_documents(splitter.split_documents([_document(each) for each in documents if not each.is_empty]))
        chat = ChatOpenAI(
            model=model, base_url=base_url, api_key=SecretStr(key), temperature=0, max_completion_tokens=_TOKENS
        )
        return cls(store, _PROMPT | chat | StrOutputParser())

    def search(self, question: str, *, limit: int) -> list[str]:
        """Ids of the documents found, best first, each once."""
        found = self.store.similarity_search(question, k=limit)
        return list(dict.fromkeys(str(each.metadata["source"]) for each in found))

    def context(self, question: str) -> str:
        """What is put before the model."""
        return "\n\n".join(each.page_content for each in self.store.similarity_search(question, k=PASSAGES))

    def answer(self, question: str) -> str:
        """The whole answer."""
        return self.chain.invoke({"context": self.context(question), "question": question})

    def drop(self) -> None:
        """Remove what was stored."""
        self.store.client.delete_collection(self.store.collection_name)


def _document(document: CorpusDocument) -> Document:
    text = f"{document.title}\n\n{document.text}" if document.title else document.text
    return Document(text, metadata={"source": document.id})


def _sparse(vector: OurSparseVector) -> SparseVector:
    return SparseVector(indices=list(vector.indices), values=list(vector.values))
