"""A mailbox by IMAP: messages are searched live, and become documents."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from pydantic import Field

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.dial import dial
from services.shared.components.connectors.events import Checkpoint, Deletes, Failure, SyncEvent, SyncTraits, Upsert
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.imap_client import ImapClient
from services.shared.components.connectors.secrets import SecretRef
from services.shared.components.connectors.tool import tool
from services.shared.contracts.tools import Material

_BLOCK = 50


class ImapConfig(ConnectorConfig):
    """Where the mailbox is. Without `tls` the password travels in clear: on this machine alone."""

    host: str
    port: int = 993
    tls: bool = True
    user: str
    password: SecretRef
    mailbox: str = "INBOX"
    latest: int = Field(default=10, ge=1, le=100)
    characters: int = Field(default=4_000, ge=200, le=100_000)
    message_bytes: int = Field(default=10_000_000, ge=1_000)


class ImapConnector(Connector[ImapConfig]):
    """Reads a mailbox; nothing in it is changed, and no message is marked as read."""

    @property
    def sync_traits(self) -> SyncTraits:
        """Messages that were deleted are missing, not told."""
        return SyncTraits(deletes=Deletes.ABSENT)

    @tool(timeout_s=30)
    async def search(self, words: str) -> list[Material]:
        """The newest messages that hold these words."""
        async with self._mailbox() as (client, _):
            uids = await client.search("TEXT", words)
            newest = sorted(uids, reverse=True)[: self.config.latest]
            return [self._material(uid, await self._message(client, uid)) for uid in newest]

    async def check(self) -> None:
        """The server lets in, and the mailbox is there."""
        async with self._mailbox():
            return

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:
        """Messages after the cursor, oldest first; a mailbox that was made anew is read anew."""
        async with self._mailbox() as (client, validity):
            last = _last(cursor, validity)
            uids = sorted(uid for uid in await client.search("UID", f"{last + 1}:*") if uid > last)
            for start in range(0, len(uids), _BLOCK):
                for uid in uids[start : start + _BLOCK]:
                    yield await self._event(client, uid)
                yield Checkpoint(f"{validity}:{uids[start : start + _BLOCK][-1]}")

    @asynccontextmanager
    async def _mailbox(self) -> AsyncGenerator[tuple[ImapClient, int]]:
        config = self.config
        async with dial(self.http, config.host, config.port, tls=config.tls) as line:
            client = ImapClient(line, timeout_s=self.http.limits.timeout_s)
            await client.login(config.user, self.secret(config.password).get_secret_value())
            yield client, await client.examine(config.mailbox)

    async def _event(self, client: ImapClient, uid: int) -> SyncEvent:
        key = f"{self.config.mailbox}/{uid}"
        try:
            raw = await client.fetch(uid, most=self.config.message_bytes)
        except ConnectorError as error:
            if error.counts:
                raise
            return Failure(key, error.code, error.message)
        subject = await asyncio.to_thread(lambda: _subject(_parsed(raw)))
        return Upsert(key, title=subject, source=key, content=raw, media_type="message/rfc822")

    async def _message(self, client: ImapClient, uid: int) -> EmailMessage:
        raw = await client.fetch(uid, most=self.config.message_bytes)
        return await asyncio.to_thread(_parsed, raw)

    def _material(self, uid: int, message: EmailMessage) -> Material:
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        about = f"From {message.get('from', '')}, {message.get('date', '')}. "
        return Material(
            title=_subject(message),
            source=f"{self.config.mailbox}/{uid}",
            text=(about + " ".join(str(text).split()))[: self.config.characters],
        )


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, _class=EmailMessage, policy=policy.default)


def _subject(message: EmailMessage) -> str:
    return " ".join(str(message.get("subject", "")).split()) or "No subject"


def _last(cursor: str | None, validity: int) -> int:
    """The last message that was told; 0 when the mailbox is another one by now (RFC 9051, 2.3.1.1)."""
    known, _, uid = (cursor or "").partition(":")
    return int(uid) if known == str(validity) and uid.isdigit() else 0
