"""Server-sent events, as far as the platform's streams use them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

DONE = "[DONE]"


@dataclass(frozen=True)
class ServerEvent:
    """One event; `name` is `message` unless the stream says otherwise."""

    name: str
    data: str


def parse_events(lines: Iterable[bytes]) -> Iterator[ServerEvent]:
    """The events in a stream of lines (WHATWG HTML, 9.2.6, without ids and retry times)."""
    name, data = "message", list[str]()
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
        if not line:
            if data:
                yield ServerEvent(name, "\n".join(data))
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
