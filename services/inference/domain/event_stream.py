"""A streamed answer on its way: what we asked the engine for beyond the client's wish is read and taken out again.

Events are never parsed one by one: what is looked for stands between quotes that a text inside JSON cannot hold.
"""

import re
from dataclasses import dataclass, field

from services.inference.errors import EngineFailedError

END = b"\n\n"
DONE = b"data: [DONE]"
_ERROR = b'data: {"error"'
_LONGEST_EVENT_BYTES = 8 * 1024 * 1024
_EXTRAS = re.compile(
    rb',"usage":\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|,"(?:prompt_)?token_ids":(?:\[[\d,]*\]|null)|,"prompt_text":null'
)
_TOKENS = re.compile(rb'"(?:content|text)":"(.?)[^\n]*?"token_ids":\[([\d,]*)\]', re.DOTALL)
_NO_TEXT = b'"'
_NO_CHOICES = b'"choices":[]'
_USAGE = b'"usage":{'


@dataclass(frozen=True)
class Wishes:
    """What the client asked for itself."""

    usage: bool = False
    usage_in_each: bool = False
    token_ids: bool = False


@dataclass
class Delivered:
    """What the client has of a stream, as far as it takes to continue it elsewhere."""

    head: bytes = b""
    tokens: list[bytes] = field(default_factory=list[bytes])
    """Ids of each event's tokens as decimals with commas."""
    with_text: int = 0
    """Events up to the last one that had text: later tokens are parts of a character that is not complete."""
    is_finished: bool = False
    is_opaque: bool = False
    """Something was delivered that is not plain text."""

    def see(self, events: bytes) -> None:
        """Note whole events before they are delivered."""
        if not self.head:
            self.head = events
        for first, ids in _TOKENS.findall(events):
            self.tokens.append(ids)
            if first != _NO_TEXT:
                self.with_text = len(self.tokens)
        if b'"finish_reason":"' in events:
            self.is_finished = True
        if b'"reasoning' in events or b'"tool_calls"' in events:
            self.is_opaque = True

    def see_one(self, ids: list[int], *, has_text: bool) -> None:
        """Note one event that was parsed."""
        self.tokens.append(b",".join(b"%d" % token for token in ids))
        if has_text:
            self.with_text = len(self.tokens)

    def token_ids(self) -> list[int]:
        """The tokens that the client has the text of; what came after is forgotten."""
        del self.tokens[self.with_text :]
        return [int(number) for ids in self.tokens for number in ids.split(b",") if number]


class EventStream:
    """Passes on the events of one engine's stream."""

    def __init__(self, *, is_ours: bool, wishes: Wishes, delivered: Delivered | None = None) -> None:
        """Args:
        is_ours: the engine was asked for usage and token ids in its events, which are taken out.
        delivered: where to note what is passed on; None when the stream cannot be continued elsewhere.
        """
        self._takes_out = is_ours and not (wishes.usage_in_each or wishes.token_ids)
        self._wishes = wishes
        self._is_ours = is_ours
        self._delivered = delivered
        self._rest = b""
        self.is_done = False
        self.error: bytes | None = None
        """The engine's own report that it failed, as JSON."""

    def feed(self, chunk: bytes) -> bytes:
        """The whole events that are complete now, as the client shall have them; may be empty."""
        events = self._whole(chunk)
        if not events:
            return b""
        if _ERROR in events:
            events = self._before_error(events)
        if DONE in events:
            self.is_done = True
        if self._delivered is not None:
            self._delivered.see(events)
        if not self._is_ours:
            return events
        if _NO_CHOICES in events:
            return self._with_last_usage(events)
        return _EXTRAS.sub(b"", events) if self._takes_out else events

    def _whole(self, chunk: bytes) -> bytes:
        if self._rest:
            chunk = self._rest + chunk
            self._rest = b""
        if chunk.endswith(END):
            return chunk
        end = max(_end_of_last(chunk, END), _end_of_last(chunk, b"\r\n\r\n"))
        self._rest = chunk[end:]
        if len(self._rest) > _LONGEST_EVENT_BYTES:
            raise EngineFailedError("The model engine sent an event that does not end within 8 MiB.")
        return chunk[:end]

    def _before_error(self, events: bytes) -> bytes:
        before, _, after = events.partition(_ERROR)
        self.error = b'{"error"' + after.partition(END)[0]
        return before

    def _with_last_usage(self, events: bytes) -> bytes:
        kept = list[bytes]()
        for event in events.split(END):
            if _NO_CHOICES in event and _USAGE in event:
                if self._wishes.usage:
                    kept.append(event)
            elif event:
                kept.append(_EXTRAS.sub(b"", event) if self._takes_out else event)
        return b"".join(event + END for event in kept)


def _end_of_last(chunk: bytes, separator: bytes) -> int:
    found = chunk.rfind(separator)
    return 0 if found < 0 else found + len(separator)
