"""Objects below a URL of an object store, through fsspec."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import urlsplit

from services.shared.components.sources.addresses import require_public
from services.shared.components.sources.protocol import (
    Content,
    Item,
    ItemError,
    KnownState,
    SourceError,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.streams import blocks_of, off_loop
from services.shared.components.sources.urls import require_object_store
from services.shared.contracts.sources import BucketSource

_FINGERPRINTS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "mtime", "created")


class BucketReader:
    """Reads a bucket or a part of it; an item's key is its name below the URL."""

    def __init__(self, config: BucketSource, around: Surroundings, source_id: str) -> None:  # noqa: ARG002 - as all readers
        self._config = config
        self._around = around
        self._opened: tuple[Any, str] | None = None

    async def list(self, known: KnownState) -> AsyncIterator[Item | Unlisted]:  # noqa: ARG002 - the protocol's
        """Every object; its fingerprint is what the store says of it."""
        files, root = await self._open()
        async for item in off_loop(self._walk(files, root)):
            yield item

    @asynccontextmanager
    async def fetch(self, item: Item) -> AsyncGenerator[Content | None]:
        """The object's bytes."""
        files, root = await self._open()
        try:
            stream = await asyncio.to_thread(files.open, f"{root}/{item.key}", "rb")
            try:
                yield Content(blocks_of(stream, most=self._around.max_bytes))
            finally:
                await asyncio.to_thread(stream.close)
        except FileNotFoundError as error:
            raise ItemError("vanished", "It is not there any more.", gone=True) from error
        except OSError as error:
            raise ItemError("unreadable", f"It cannot be read: {error}.") from error

    async def close(self) -> None:
        """Connections are fsspec's own."""

    async def _open(self) -> tuple[Any, str]:
        if self._opened is None:
            endpoint = self._config.endpoint_url
            if endpoint is not None and not self._around.private_addresses:
                await require_public(endpoint)
            self._opened = await asyncio.to_thread(self._connect)
        return self._opened

    def _connect(self) -> tuple[Any, str]:
        """The file system and where in it."""
        require_object_store(self._config.url)
        try:
            from fsspec.core import url_to_fs

            files, root = url_to_fs(self._config.url, **self._options())
        except ImportError as error:
            raise SourceError(
                "extra_missing",
                f"'{urlsplit(self._config.url).scheme}' needs a package that is not installed here ({error}); for S3 "
                "install ragworks[s3] where the ingest worker runs.",
            ) from error
        return files, str(root).rstrip("/")

    def _options(self) -> dict[str, object]:
        """Credentials are the environment's, as the store's own tools have it."""
        options: dict[str, object] = {"use_listings_cache": False, "skip_instance_cache": True}
        if self._config.anonymous:
            options["anon"] = True
        if self._config.endpoint_url is not None:
            options["client_kwargs"] = {"endpoint_url": self._config.endpoint_url}
        return options

    def _walk(self, files: Any, root: str) -> Iterator[Item | Unlisted]:  # noqa: ANN401 - fsspec has no types
        try:
            for _, _, found in files.walk(root, detail=True, on_error="raise"):
                for about in found.values():
                    yield self._item(root, about)
        except FileNotFoundError as error:
            raise SourceError("bucket_missing", f"There is nothing at {self._config.url}.") from error
        except PermissionError as error:
            raise SourceError("access_denied", f"{self._config.url} may not be listed: {error}.") from error
        except Exception as error:  # each store has errors of its own; none may pass for an empty listing
            raise SourceError("unreachable", f"{self._config.url} cannot be listed: {error}.") from error

    def _item(self, root: str, about: Mapping[str, object]) -> Item:
        name = str(about["name"])
        key = name[len(root) :].lstrip("/") if name.startswith(root) else name
        size = cast("int | None", about.get("size"))
        said = next((str(about[field]).strip('"') for field in _FINGERPRINTS if about.get(field)), None)
        return Item(
            key=key,
            path=key,
            source=f"{self._config.url.rstrip('/')}/{key}",
            filename=os.path.basename(key),  # noqa: PTH119 - a key is no path of this machine
            fingerprint=None if said is None else f"{said}-{size}",
            bytes=size,
        )
