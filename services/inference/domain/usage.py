"""How many tokens an answer used, as far as the engine says it for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

EVENT_PREFIX = b"data: "
_USAGE = b'"usage":{'


@dataclass(frozen=True)
class TokenUsage:
    """Tokens read, those of them that were in the engine's cache, and tokens written."""

    input: int
    output: int
    cached: int = 0


def mentions_usage(chunk: bytes) -> bool:
    """Whether a chunk of an event stream may hold the usage; cheap enough to ask of every chunk."""
    return _USAGE in chunk


def usage_in_answer(answer: bytes) -> TokenUsage | None:
    """The usage of a whole answer."""
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    return _usage_of(value)


def usage_in_events(chunk: bytes) -> TokenUsage | None:
    """The last usage in a piece of an event stream."""
    events = [event for event in chunk.split(b"\n\n") if event.startswith(EVENT_PREFIX) and _USAGE in event]
    return usage_in_answer(events[-1][len(EVENT_PREFIX) :]) if events else None


def _usage_of(answer: object) -> TokenUsage | None:
    match answer:
        case {"usage": {"prompt_tokens": int(read), **more}}:
            written = more.get("completion_tokens", 0)
            return TokenUsage(read, written, _cached(more)) if isinstance(written, int) else None
        case _:
            return None


def _cached(usage: Mapping[str, object]) -> int:
    match usage.get("prompt_tokens_details"):
        case {"cached_tokens": int(cached)}:
            return cached
        case _:
            return 0
