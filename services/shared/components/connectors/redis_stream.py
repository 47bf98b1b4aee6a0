"""A stream of Redis or Valkey: a message queue that is published to, and whose messages become documents."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from pydantic import Field

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.dial import Line, dial
from services.shared.components.connectors.events import Checkpoint, Delete, Deletes, SyncEvent, SyncTraits, Upsert
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.resp import Reply, ask
from services.shared.components.connectors.secrets import SecretRef
from services.shared.components.connectors.tool import tool
from services.shared.contracts.tools import Effect, Material

_BLOCK = 200
_BEGINNING = "0-0"


class RedisStreamConfig(ConnectorConfig):
    """Where the stream is. `key`, `title` and `text` are fields of its messages.

    Without a key each message is a document; a message whose field `deleted` is not empty deletes the document of its
    key.
    """

    host: str
    port: int = 6379
    tls: bool = False
    user: str = ""
    password: SecretRef | None = None
    stream: str
    key: str = ""
    title: str = "title"
    text: str = "text"
    deleted: str = ""
    latest: int = Field(default=20, ge=1, le=500)


class RedisStreamConnector(Connector[RedisStreamConfig]):
    """Publishes messages and follows them; needs Redis 6.2, or any Valkey."""

    @property
    def sync_traits(self) -> SyncTraits:
        """Deletions are messages, if they are."""
        return SyncTraits(deletes=Deletes.REPORTED if self.config.deleted else Deletes.NEVER)

    @tool(effect=Effect.WRITE, timeout_s=10)
    async def publish(self, fields: dict[str, str]) -> str:
        """Publishes a message with these fields; the answer is its id."""
        if not fields:
            raise ConnectorError("invalid_arguments", "fields: a message has at least one.")
        parts = [part for field in fields.items() for part in field]
        async with self._connection() as line:
            return str(await ask(line, "XADD", self.config.stream, "*", *parts))

    @tool(timeout_s=10)
    async def latest(self) -> list[Material]:
        """The newest messages, newest first."""
        async with self._connection() as line:
            reply = await ask(line, "XREVRANGE", self.config.stream, "+", "-", "COUNT", str(self.config.latest))
        return [self._material(name, fields) for name, fields in _messages(reply)]

    async def check(self) -> None:
        """The server answers, and lets in."""
        async with self._connection() as line:
            await ask(line, "PING")

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:
        """Messages after the cursor, which is the id of one; a checkpoint after each block."""
        async with self._connection() as line:
            while True:
                after = f"({cursor or _BEGINNING}"
                async with asyncio.timeout(self.http.limits.timeout_s):
                    reply = await ask(line, "XRANGE", self.config.stream, after, "+", "COUNT", str(_BLOCK))
                found = _messages(reply)
                for name, fields in found:
                    yield self._event(name, fields)
                if not found:
                    return
                cursor = found[-1][0]
                yield Checkpoint(cursor)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Line]:
        config = self.config
        async with dial(self.http, config.host, config.port, tls=config.tls) as line:
            if config.password is not None:
                password = self.secret(config.password).get_secret_value()
                await ask(line, "AUTH", *([config.user] if config.user else []), password)
            yield line

    def _event(self, name: str, fields: Mapping[str, str]) -> SyncEvent:
        key = fields.get(self.config.key, "") or name
        if self.config.deleted and fields.get(self.config.deleted):
            return Delete(key)
        shown = self._material(name, fields)
        return Upsert(key, title=shown.title, source=key, content=shown.text.encode())

    def _material(self, name: str, fields: Mapping[str, str]) -> Material:
        stream = self.config.stream
        rest = "\n".join(f"{field}: {value}" for field, value in fields.items())
        title = fields.get(self.config.title, "") or f"{stream} {name}"
        return Material(title=title, source=f"{stream}/{name}", text=fields.get(self.config.text, "") or rest)


def _messages(reply: Reply) -> list[tuple[str, dict[str, str]]]:
    """Ids and fields; the server answers with lists of lists."""
    found: list[tuple[str, dict[str, str]]] = []
    for each in reply if isinstance(reply, Sequence) and not isinstance(reply, str) else []:
        match each:
            case [str(name), [*parts]]:
                texts = [str(part) for part in parts]
                found.append((name, dict(zip(texts[::2], texts[1::2], strict=False))))
            case _:
                raise ConnectorError("invalid_answer", "The server listed something that is no message.")
    return found
