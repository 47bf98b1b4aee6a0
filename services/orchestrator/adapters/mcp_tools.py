"""What outside agents can do with the corpus: the tools of the MCP server, over the platform's own services."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.shared.contracts.corpus import Collection
from services.shared.contracts.openai import ChatRequest
from services.shared.contracts.search import MAX_RESULTS, Passage, SearchRequest, SearchResponse
from services.shared.kit.errors import InvalidRequestError, NotFoundError
from services.shared.kit.http import ServiceClient

DOCUMENT_CHARS = 20_000
_MOST_DOCUMENT_CHARS = 100_000
_BLOCK_BYTES = 65_536
_COLLECTIONS = TypeAdapter(list[Collection])


class Shown(BaseModel):
    """What a tool returns."""

    model_config = ConfigDict(frozen=True)


class CollectionInfo(Shown):
    """A collection that can be searched and asked."""

    name: str
    attributes: dict[str, str] = Field(description="What its owner noted about it.")


class Collections(Shown):
    """All of them."""

    collections: list[CollectionInfo]


class Hit(Shown):
    """A passage that fits a query."""

    document_id: str = Field(description="For get_document.")
    title: str
    source: str
    page: int | None
    score: float
    text: str
    char_start: int = Field(description="Where the passage starts in the document's text.")


class Hits(Shown):
    """Passages, best first."""

    passages: list[Hit]


class DocumentText(Shown):
    """A piece of a document's text."""

    document_id: str
    text: str
    offset: int = Field(description="Where it starts, in characters.")
    next_offset: int | None = Field(description="Ask with this offset for what follows; null at the end.")


class CheckedAnswer(Shown):
    """An answer whose claims were checked against the passages they cite."""

    answer: str
    abstained: bool = Field(description="True: the collection has no answer.")
    citations: list[dict[str, Any]] = Field(description="number, title, source, page, document_id, quote ...")


@dataclass(frozen=True)
class McpTools:
    """Every call is made for the principal of the request, so it shows what that one may read."""

    corpus: ServiceClient
    retrieval: ServiceClient
    answers: ServiceClient
    """This service itself: an answer is asked for as any client asks, and recorded so."""

    async def list_collections(self) -> Collections:
        """The collections that can be searched and asked."""
        listed = _COLLECTIONS.validate_python(await self.corpus.get_json("/internal/collections"))
        return Collections(collections=[CollectionInfo(name=each.name, attributes=each.attributes) for each in listed])

    async def search(
        self, collection: str, query: str, limit: int = 5, filters: Mapping[str, Any] | None = None
    ) -> Hits:
        """Find passages in a collection, best first.

        Args:
            collection: its name, as list_collections shows it.
            query: what to look for, in plain words.
            limit: how many passages, 1 to 100.
            filters: OpenAI's filters over a document's attributes or its source, title, page, language, such as
                {"type": "eq", "key": "team", "value": "sales"}; several in {"type": "and", "filters": [...]}.
        """
        wanted = {"collection": collection, "query": query, "limit": min(max(limit, 1), MAX_RESULTS)}
        request = SearchRequest.model_validate({**wanted, "filters": filters})
        answer = await self.retrieval.post_json("/internal/search", request.model_dump(mode="json"))
        return Hits(passages=[_hit(passage) for passage in SearchResponse.model_validate(answer).passages])

    async def get_document(self, document_id: str, offset: int = 0, limit: int = DOCUMENT_CHARS) -> DocumentText:
        """The text of a document, piece by piece.

        Args:
            document_id: as search shows it.
            offset: where to start, in characters.
            limit: how many characters, at most 100,000.
        """
        if not document_id or not document_id.replace("-", "").isalnum() or not document_id.isascii():
            raise _no_document(document_id)
        start, end = max(0, offset), max(0, offset) + min(max(1, limit), _MOST_DOCUMENT_CHARS)
        try:
            text = await self._text(document_id, until=end + 1)
        except NotFoundError as error:
            raise _no_document(document_id) from error
        more = end if len(text) > end else None
        return DocumentText(document_id=document_id, text=text[start:end], offset=start, next_offset=more)

    async def ask(self, collection: str, question: str) -> CheckedAnswer:
        """Answer a question from a collection. Every claim is checked against the passages that it cites.

        Args:
            collection: its name, as list_collections shows it.
            question: one question, which stands for itself.
        """
        if not question.strip():
            raise InvalidRequestError("question: it is blank; ask something.", param="question")
        request = ChatRequest.model_validate(
            {"model": f"rag/{collection}", "messages": [{"role": "user", "content": question}]}
        )
        body = request.model_dump(mode="json", exclude_unset=True)
        answer = cast("dict[str, Any]", await self.answers.post_json("/v1/chat/completions", body))
        message = answer["choices"][0]["message"]
        return CheckedAnswer(
            answer=message["content"] or "",
            abstained=bool((answer.get("ragworks") or {}).get("abstained")),
            citations=message.get("citations") or [],
        )

    async def _text(self, document_id: str, *, until: int) -> str:
        """The document's text up to this character; the rest is not read."""
        decode, text = codecs.getincrementaldecoder("utf-8")().decode, ""
        async with self.corpus.open("GET", f"/api/documents/{document_id}/text") as response:
            async for block in response.content.iter_chunked(_BLOCK_BYTES):
                text += decode(block)
                if len(text) >= until:
                    break
        return text


def _hit(passage: Passage) -> Hit:
    chunk = passage.chunk
    return Hit(
        document_id=chunk.document_id,
        title=chunk.title,
        source=chunk.source,
        page=chunk.page,
        score=round(passage.scores.final, 4),
        text=chunk.text,
        char_start=chunk.char_start,
    )


def _no_document(document_id: str) -> NotFoundError:
    return NotFoundError(f"There is no document '{document_id}' that you can read; search names those there are.")
