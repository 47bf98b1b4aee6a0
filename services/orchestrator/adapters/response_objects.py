"""An answer as the objects of OpenAI's Responses API."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from services.orchestrator.domain.citations import Mark
from services.orchestrator.domain.events import Finished, Found
from services.shared.contracts.openai import Usage
from services.shared.contracts.responses import ResponsesRequest
from services.shared.contracts.search import Passage

RESULTS_WANTED = "file_search_call.results"
Json = dict[str, Any]


@dataclass(frozen=True)
class ResponseShape:
    """What all objects of one response share."""

    id: str
    request: ResponsesRequest
    conversation_id: str | None
    previous_id: str | None
    recorded: bool
    created_at: int = field(default_factory=lambda: int(time.time()))
    search_id: str = field(default_factory=lambda: f"fs_{uuid4().hex}")
    message_id: str = field(default_factory=lambda: f"msg_{uuid4().hex}")

    @property
    def stored(self) -> bool:
        """Whether it can be asked for later, and followed."""
        return self.request.store is not False

    def response(self, status: str, output: list[Json], **more: object) -> Json:
        """The response; `more` replaces fields of it."""
        request = self.request
        tools = [tool.model_dump(mode="json", exclude_none=True) for tool in request.tools or []]
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created_at,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "metadata": request.metadata or {},
            "model": request.model,
            "output": output,
            "parallel_tool_calls": False,
            "previous_response_id": self.previous_id,
            "conversation": {"id": self.conversation_id} if self.conversation_id else None,
            "store": self.stored,
            "temperature": request.temperature if request.temperature is not None else 0.0,
            "top_p": request.top_p if request.top_p is not None else 1.0,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": tools,
            "truncation": "auto",
            "usage": None,
            **more,
        }

    def finished(self, text: str, found: Found, finished: Finished) -> Json:
        """The whole answer."""
        cut = finished.reason == "length"
        status = "incomplete" if cut else "completed"
        return self.response(
            status,
            [self.search(found), self.message(text, finished.marks, status)],
            incomplete_details={"reason": "max_output_tokens"} if cut else None,
            completed_at=None if cut else int(time.time()),
            usage=_usage(finished.usage),
            ragworks=self._facts(finished),
        )

    def search(self, found: Found | None) -> Json:
        """The item that says what was searched for; without what was found while that is not known."""
        wanted = found is not None and RESULTS_WANTED in (self.request.include or [])
        return {
            "id": self.search_id,
            "type": "file_search_call",
            "status": "in_progress" if found is None else "completed",
            "queries": found.queries if found else [],
            "results": [_result(passage) for passage in found.passages] if found and wanted else None,
        }

    def message(self, text: str | None, marks: list[Mark], status: str) -> Json:
        """The item that holds the answer; without content while it is being written."""
        content = [] if text is None else [text_part(text, marks)]
        return {"id": self.message_id, "type": "message", "role": "assistant", "status": status, "content": content}

    def _facts(self, finished: Finished) -> Json:
        return {
            "abstained": finished.abstained,
            "searched": finished.searched.model_dump(),
            "timings_ms": finished.timings_ms,
            "record_id": self.id if self.recorded else None,
            "citations": [citation.model_dump() for citation in finished.citations],
            "claims": [claim.model_dump(mode="json") for claim in finished.claims],
        }


def text_part(text: str, marks: list[Mark]) -> Json:
    """The text of an answer with its annotations."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": [annotation(mark) for mark in marks],
        "logprobs": [],
    }


def annotation(mark: Mark) -> Json:
    """Where in the text a file is cited: `index` is where its number in brackets begins."""
    chunk = mark.source.passage.chunk
    return {
        "type": "file_citation",
        "file_id": chunk.file_id or chunk.document_id,
        "filename": chunk.source,
        "index": mark.start,
        "ragworks": {
            "number": mark.source.number,
            "document_id": chunk.document_id,
            "chunk_id": mark.source.passage.id,
            "page": chunk.page,
        },
    }


def _result(passage: Passage) -> Json:
    chunk = passage.chunk
    return {
        "file_id": chunk.file_id or chunk.document_id,
        "filename": chunk.source,
        "score": passage.scores.fused,
        "text": chunk.text,
        "attributes": chunk.attributes,
    }


def _usage(usage: Usage) -> Json:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
