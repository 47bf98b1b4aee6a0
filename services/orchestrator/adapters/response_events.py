"""An answer as the semantic events of OpenAI's Responses API."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from services.orchestrator.adapters.response_objects import Json, ResponseShape, annotation, text_part
from services.orchestrator.domain.citations import Mark
from services.orchestrator.domain.events import AnswerEvent, Found, Stage, Text
from services.shared.kit.errors import PlatformError

_SEARCH, _MESSAGE = 0, 1  # places of the two items in the output


@dataclass
class ResponseEvents:
    """Numbers the events of one response, and knows which of its items have begun."""

    shape: ResponseShape
    _sent: int = 0
    _found: Found | None = None
    _text: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """All that was said so far."""
        return "".join(self._text)

    @property
    def found(self) -> Found:
        """What was searched for and found."""
        return self._found or Found([], [])

    def opening(self) -> bytes:
        """The response and its search have begun."""
        begun = {"response": self.shape.response("in_progress", [])}
        search = {"item_id": self.shape.search_id, "output_index": _SEARCH}
        return b"".join(
            [
                self._event("response.created", begun),
                self._event("response.in_progress", begun),
                self._event("response.output_item.added", {"output_index": _SEARCH, "item": self.shape.search(None)}),
                self._event("response.file_search_call.in_progress", search),
                self._event("response.file_search_call.searching", search),
            ]
        )

    def event(self, event: AnswerEvent) -> bytes:
        """What the event adds; nothing for the end, of which `completed` tells."""
        match event:
            case Stage():
                return self._stage(event)
            case Found():
                self._found = event
                return self._end_search(event)
            case Text(text=text):
                return self._piece(text)
            case _:
                return b""

    def completed(self, response: Json, marks: list[Mark]) -> bytes:
        """The end of an answer."""
        status = str(response["status"])
        message = b"".join(self._end_message(marks, status))
        return message + self._event(f"response.{status}", {"response": response})

    def failed(self, error: PlatformError) -> bytes:
        """The end of an answer that broke off."""
        output = [self.shape.search(self._found)]
        if self._text:
            output.append(self.shape.message(self.text, [], "incomplete"))
        what = {"code": "server_error", "message": error.message}
        return self._event("response.failed", {"response": self.shape.response("failed", output, error=what)})

    def _stage(self, stage: Stage) -> bytes:
        """A known event with a field of ours: clients of OpenAI's read it as what it is."""
        progress = {"response": self.shape.response("in_progress", [])}
        return self._event("response.in_progress", {**progress, "ragworks": {"stage": stage.name, **stage.detail}})

    def _end_search(self, found: Found) -> bytes:
        done = {"item_id": self.shape.search_id, "output_index": _SEARCH}
        item = {"output_index": _SEARCH, "item": self.shape.search(found)}
        return self._event("response.file_search_call.completed", done) + self._event("response.output_item.done", item)

    def _piece(self, text: str) -> bytes:
        begin = b"" if self._text else self._begin_message()
        self._text.append(text)
        return begin + self._event("response.output_text.delta", {**self._place(), "delta": text, "logprobs": []})

    def _begin_message(self) -> bytes:
        item = self.shape.message(None, [], "in_progress")
        return self._event("response.output_item.added", {"output_index": _MESSAGE, "item": item}) + self._event(
            "response.content_part.added", {**self._place(), "part": text_part("", [])}
        )

    def _end_message(self, marks: list[Mark], status: str) -> Iterator[bytes]:
        if not self._text:
            yield self._begin_message()
        place, text = self._place(), self.text
        for index, mark in enumerate(marks):
            cited = {"annotation_index": index, "annotation": annotation(mark)}
            yield self._event("response.output_text.annotation.added", {**place, **cited})
        yield self._event("response.output_text.done", {**place, "text": text, "logprobs": []})
        yield self._event("response.content_part.done", {**place, "part": text_part(text, marks)})
        item = self.shape.message(text, marks, status)
        yield self._event("response.output_item.done", {"output_index": _MESSAGE, "item": item})

    def _place(self) -> Json:
        return {"item_id": self.shape.message_id, "output_index": _MESSAGE, "content_index": 0}

    def _event(self, kind: str, fields: Json) -> bytes:
        data = orjson.dumps({"type": kind, "sequence_number": self._sent, **fields})
        self._sent += 1
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
