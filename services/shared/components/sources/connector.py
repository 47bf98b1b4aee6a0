"""What a connector's sync tells. What it holds is kept in a folder until it is ingested."""

import asyncio
import hashlib
import mimetypes
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
from pydantic import ValidationError

from services.shared.components.connectors.connector import Connector
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import Conditions, open_connector
from services.shared.components.connectors.events import Checkpoint, Delete, Deletes, Failure, SyncEvent, Upsert
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.registry import UnknownKindError
from services.shared.components.connectors.secrets import Secrets
from services.shared.components.connectors.vault import references_of
from services.shared.components.sources.declared_connectors import declared_connector
from services.shared.components.sources.protocol import (
    Change,
    Content,
    Gone,
    Item,
    Mark,
    SourceError,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.streams import blocks_of, too_large
from services.shared.contracts.sources import ConnectorSource

_EXTENSIONS = {"text/plain": ".txt", "text/markdown": ".md"}
_MOST_TITLE_CHARS = 120


class ConnectorReader:
    """Reads a connector; an item's key is the outside system's own."""

    def __init__(self, config: ConnectorSource, around: Surroundings, source_id: str) -> None:
        self._name = config.connector
        self._around = around
        self._spool = around.cache / "connectors" / source_id
        self._opened: Connector[Any] | None = None
        self._declared: Declared | None = None

    def goes_on(self) -> bool:
        """See `ChangeReader`."""
        return self._connector.sync_traits.incremental

    def tells_all(self) -> bool:
        """See `ChangeReader`."""
        return self._connector.sync_traits.deletes is not Deletes.NEVER

    async def changes(self, cursor: str | None) -> AsyncIterator[Change]:
        """What the connector's `pull` tells; one that is silent for too long has failed."""
        await asyncio.to_thread(self._spool.mkdir, parents=True, exist_ok=True)
        connector, places = self._connector, self._around.connectors
        if places is not None and places.vault is not None and self._declared is not None:
            await places.vault.refresh(references_of([self._declared]))
        pulled = connector.pull(cursor)
        try:
            while True:
                async with asyncio.timeout(self._around.timeout_s):
                    event = await anext(pulled, None)
                if event is None:
                    return
                yield await self._change(event)
        except TimeoutError as error:
            message = f"The connector '{self._name}' told nothing for {self._around.timeout_s:g} s."
            raise SourceError("timeout", message) from error
        except ConnectorError as error:
            raise SourceError(error.code, error.message) from error
        finally:
            await pulled.aclose()

    @asynccontextmanager
    async def fetch(self, item: Item) -> AsyncGenerator[Content | None]:
        """The bytes that came with the event."""
        try:
            file = (self._spool / str(item.fingerprint)).open("rb", buffering=0)
        except FileNotFoundError as error:
            message = "What the connector told was removed from the worker's folder meanwhile; sync again."
            raise SourceError("spool_lost", message) from error
        with file:
            yield Content(blocks_of(file, most=self._around.max_bytes))

    async def forget(self) -> None:
        """Empty the folder."""
        await asyncio.to_thread(shutil.rmtree, self._spool, ignore_errors=True)

    async def close(self) -> None:
        """Close the connector."""
        if self._opened is not None:
            await self._opened.close()
            await self._opened.http.close()
            self._opened = None

    @property
    def _connector(self) -> Connector[Any]:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> Connector[Any]:
        """The connector, which connects when it is first asked."""
        places = self._around.connectors
        if places is None:
            raise SourceError("connector_not_found", "Connectors are not read here.")
        declared = declared_connector(places.file, self._name, principal=places.principal, collection=places.collection)
        self._declared = declared
        secrets = Secrets(places.environment, places.home, places.vault.get if places.vault else None)
        conditions = Conditions(secrets, places.private_hosts, max_bytes=self._around.max_bytes)
        try:
            opened = open_connector(declared, conditions)
        except (UnknownKindError, ValidationError) as error:
            raise SourceError("connector_refused", f"The connector '{self._name}' cannot be opened: {error}") from error
        if not opened.has_sync:
            raise SourceError("no_sync", f"The connector '{self._name}' has no sync, or its config names none.")
        return opened

    async def _change(self, event: SyncEvent) -> Change:
        match event:
            case Upsert():
                return await self._item(event)
            case Delete(key):
                return Gone(key)
            case Failure(key, code, message):
                return Unlisted(key, self._document(key), code, message)
            case Checkpoint(cursor):
                return Mark(cursor)

    async def _item(self, event: Upsert) -> Item | Unlisted:
        name = self._document(event.source)
        if len(event.content) > self._around.max_bytes:
            refusal = too_large(self._around.max_bytes)
            return Unlisted(event.key, name, refusal.code, refusal.message)
        access = tuple(sorted(set(event.access))) if self._connector.sync_traits.permissions else None
        filename = _filename(event)
        told = orjson.dumps([filename, access, event.attributes], option=orjson.OPT_SORT_KEYS)
        fingerprint = hashlib.sha256(told + event.content).hexdigest()
        await asyncio.to_thread(_keep, self._spool / fingerprint, event.content)
        return Item(
            key=event.key,
            path=event.key,
            source=name,
            filename=filename,
            fingerprint=fingerprint,
            bytes=len(event.content),
            access=access,
            attributes=event.attributes or None,
        )

    def _document(self, source: str) -> str:
        """The document's name: an address as it is, what else the system calls it with the connector's name before."""
        return source if "://" in source else f"{self._name}:{source}"


def _filename(event: Upsert) -> str:
    """A name by which the bytes are read rightly, and which shows the title."""
    ending = _EXTENSIONS.get(event.media_type) or mimetypes.guess_extension(event.media_type) or ""
    title = " ".join(event.title.replace("/", "-").split())[:_MOST_TITLE_CHARS] or PurePosixPath(event.key).name
    return title if ending and title.lower().endswith(ending) else f"{title}{ending}"


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all: a half of it must not be taken for it after a kill."""
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
