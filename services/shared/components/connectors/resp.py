"""The protocol of Redis and Valkey (RESP2), as far as connectors need it."""

from collections.abc import Sequence
from typing import TypeAlias

from services.shared.components.connectors.dial import Line
from services.shared.components.connectors.failures import ConnectorError

Reply: TypeAlias = "str | int | Sequence[Reply] | None"

_MOST_BYTES = 10_000_000
_MOST_ITEMS = 100_000
_DEEPEST = 5


async def ask(line: Line, *parts: str) -> Reply:
    """What the server answers to a command.

    Raises:
        ConnectorError: it refused, or its answer is none.
        asyncio.IncompleteReadError, ConnectionError: it went away.
    """
    encoded = [part.encode() for part in parts]
    line.writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in encoded))
    await line.writer.drain()
    return await _reply(line, 0)


async def _reply(line: Line, depth: int) -> Reply:
    head = (await line.reader.readuntil(b"\r\n"))[:-2]
    kind, rest = head[:1], head[1:]
    if kind == b"+":
        return rest.decode("utf-8", "replace")
    if kind == b"-":
        raise ConnectorError("refused", f"The server refused the command: {rest.decode('utf-8', 'replace')[:200]}")
    count = _number(rest)
    if kind == b":":
        return count
    if kind == b"$":
        return None if count < 0 else await _text(line, count)
    if kind == b"*" and depth < _DEEPEST and count <= _MOST_ITEMS:
        return [await _reply(line, depth + 1) for _ in range(count)]
    raise ConnectorError("invalid_answer", "The server does not speak the protocol of Redis.")


async def _text(line: Line, size: int) -> str:
    if size > _MOST_BYTES:
        raise ConnectorError("too_large", f"The server answers with more than {_MOST_BYTES:,} bytes.")
    return (await line.reader.readexactly(size + 2))[:-2].decode("utf-8", "replace")


def _number(said: bytes) -> int:
    try:
        return int(said)
    except ValueError as error:
        raise ConnectorError("invalid_answer", "The server does not speak the protocol of Redis.") from error
