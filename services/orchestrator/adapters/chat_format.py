"""An answer's events in OpenAI's chat-completion shapes, streamed or whole.

Stages travel as chunks with an empty delta and a `ragworks` field: official clients read every server-sent event as
a chunk, so an event type of our own would reach users as a broken one.
"""

import time
from dataclasses import dataclass, field

import orjson

from services.orchestrator.domain.citations import Mark
from services.orchestrator.domain.events import AnswerEvent, Asking, Finished, Found, Stage, Text

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class ChatFormat:
    """The identity every chunk of one answer shares."""

    model: str
    id: str
    include_usage: bool
    recorded: bool
    """Whether a record of the answer is kept: its id is the answer's."""
    created: int = field(default_factory=lambda: int(time.time()))

    def opening(self) -> bytes:
        """The first chunk, which names the role."""
        return self._chunk({"role": "assistant", "content": ""})

    def event(self, event: AnswerEvent) -> bytes:
        """One event as server-sent chunks."""
        match event:
            case Stage(name=name, detail=detail):
                return self._chunk({}, ragworks={"stage": name, **detail})
            case Text(text=text):
                return self._chunk({"content": text})
            case Finished():
                return self._end(event)
            case Found() | Asking():
                return b""

    def completion(self, text: str, finished: Finished) -> dict[str, object]:
        """The whole answer as one `chat.completion`."""
        message = {"role": "assistant", "content": text, "refusal": None, **self._references(finished)}
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": finished.reason, "logprobs": None}],
            "usage": finished.usage.model_dump(),
            "ragworks": self._facts(finished),
        }

    def _end(self, finished: Finished) -> bytes:
        last = self._chunk(
            self._references(finished),
            finish_reason=finished.reason,
            ragworks={"stage": "done", **self._facts(finished)},
        )
        if not self.include_usage:
            return last
        usage = {**self._head(), "choices": [], "usage": finished.usage.model_dump()}
        return last + b"data: " + orjson.dumps(usage) + b"\n\n"

    def _references(self, finished: Finished) -> dict[str, object]:
        return {
            "annotations": [_annotation(mark) for mark in finished.marks],
            "citations": [citation.model_dump() for citation in finished.citations],
            "claims": [claim.model_dump(mode="json") for claim in finished.claims],
        }

    def _facts(self, finished: Finished) -> dict[str, object]:
        return {
            "abstained": finished.abstained,
            "searched": finished.searched.model_dump(),
            "timings_ms": finished.timings_ms,
            "record_id": self.id if self.recorded else None,
        }

    def _chunk(self, delta: dict[str, object], *, finish_reason: str | None = None, ragworks: object = None) -> bytes:
        chunk = {**self._head(), "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
        if ragworks is not None:
            chunk["ragworks"] = ragworks
        return b"data: " + orjson.dumps(chunk) + b"\n\n"

    def _head(self) -> dict[str, object]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
        }


def _annotation(mark: Mark) -> dict[str, object]:
    chunk = mark.source.passage.chunk
    return {
        "type": "url_citation",
        "url_citation": {
            "url": f"ragworks:{chunk.document_id}#{mark.source.passage.id}",
            "title": chunk.title,
            "start_index": mark.start,
            "end_index": mark.end,
        },
    }
