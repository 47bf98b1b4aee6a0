"""The files of a branch of a Git repository: a bare, shallow copy is kept, and nothing is ever checked out."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from services.shared.components.sources.addresses import require_public
from services.shared.components.sources.folders import allowed_folder
from services.shared.components.sources.git_program import GitProgram, stop
from services.shared.components.sources.protocol import (
    Content,
    Item,
    ItemError,
    KnownState,
    SourceError,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.streams import BLOCK_BYTES, too_large
from services.shared.components.sources.urls import require_repository
from services.shared.contracts.sources import GitSource

_FETCH_S = 900.0
_REGULAR = (b"100644", b"100755")
_REF = "refs/heads/source"


class GitReader:
    """Reads one branch; an item's key is its path, its fingerprint the id of its blob."""

    def __init__(self, config: GitSource, around: Surroundings, source_id: str) -> None:
        self._config = config
        self._around = around
        self._folder = around.cache / "git" / source_id
        self._git = GitProgram(self._folder, local=is_local(config.url), timeout_s=_FETCH_S)
        self._reading: Process | None = None
        self._lock = asyncio.Lock()

    async def list(self, known: KnownState) -> AsyncIterator[Item | Unlisted]:  # noqa: ARG002 - the protocol's
        """Every regular file; links and submodules are left out."""
        await self._update()
        lister = await self._git.start("ls-tree", "-r", "-z", "--full-tree", "-l", _REF)
        try:
            async for line in _lines(lister):
                item = self._item(line)
                if item is not None:
                    yield item
            if await lister.wait():
                raise SourceError("git_failed", "git ls-tree failed; the copy of the repository may be damaged.")
        finally:
            await stop(lister)

    @asynccontextmanager
    async def fetch(self, item: Item) -> AsyncGenerator[Content | None]:
        """The blob."""
        async with self._lock:  # one conversation with `git cat-file` at a time
            process = await self._cat_file()
            read = _Blob(process, item.fingerprint or "", most=self._around.max_bytes)
            try:
                yield Content(read.blocks())
            finally:
                if not read.complete:
                    await self.close()

    async def close(self) -> None:
        """End the command that reads blobs."""
        if self._reading is not None:
            await stop(self._reading)
            self._reading = None

    async def _update(self) -> None:
        """Bring the copy up to date; another branch or a history that was rewritten is no matter."""
        url = await allowed_url(self._config, self._around)
        if not (self._folder / "HEAD").is_file():
            await self._git.run("init", "--bare", "--quiet", "--template=", ".")
        wanted = f"refs/heads/{self._config.branch}" if self._config.branch else "HEAD"
        refspec = f"+{wanted}:{_REF}"
        await self._git.run("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, refspec)

    async def _cat_file(self) -> Process:
        if self._reading is None or self._reading.returncode is not None:
            self._reading = await self._git.start("cat-file", "--batch")
        return self._reading

    def _item(self, line: bytes) -> Item | Unlisted | None:
        about, _, name = line.partition(b"\t")
        mode, kind, blob, size = about.split()
        if kind != b"blob" or mode not in _REGULAR:
            return None
        path = name.decode("utf-8", "replace")
        source = f"{self._config.url.rstrip('/')}/{path}"
        if "\N{REPLACEMENT CHARACTER}" in path:
            return Unlisted(path, source, "name_not_utf8", "Its name is not UTF-8; rename it.")
        return Item(
            key=path,
            path=path,
            source=source,
            filename=path.rsplit("/", maxsplit=1)[-1],
            fingerprint=blob.decode(),
            bytes=int(size),
        )


class _Blob:
    """One answer of `git cat-file --batch`."""

    def __init__(self, process: Process, blob: str, *, most: int) -> None:
        self._process = process
        self._blob = blob
        self._most = most
        self.complete = False

    async def blocks(self) -> AsyncIterator[bytes]:
        """The bytes of the blob."""
        ask, answer = self._process.stdin, self._process.stdout
        assert ask is not None  # noqa: S101 - started with pipes
        assert answer is not None  # noqa: S101
        ask.write(f"{self._blob}\n".encode())
        await ask.drain()
        said = (await answer.readline()).split()
        if len(said) != 3:
            self.complete = len(said) == 2  # "<id> missing"
            raise ItemError("vanished", "The repository has it no more; the next sync tries again.")
        left = int(said[2])
        if left > self._most:
            raise too_large(self._most)
        while left:
            block = await answer.readexactly(min(left, BLOCK_BYTES))
            left -= len(block)
            yield block
        await answer.readexactly(1)
        self.complete = True


def is_local(url: str) -> bool:
    """Whether the repository is a folder of this machine."""
    return url.startswith("/")


async def allowed_url(config: GitSource, around: Surroundings) -> str:
    """The URL for `git fetch`.

    Raises:
        SourceError: it may not be asked.
    """
    if is_local(config.url):
        folder = allowed_folder(config.url, folders=around.folders, forbidden=around.forbidden)
        return f"file://{folder}"
    require_repository(config.url)
    if not around.private_addresses:
        await require_public(config.url)
    return config.url


async def _lines(process: Process) -> AsyncIterator[bytes]:
    """What it prints, cut at NUL bytes."""
    assert process.stdout is not None  # noqa: S101 - started with pipes
    rest = b""
    while block := await process.stdout.read(BLOCK_BYTES):
        *whole, rest = (rest + block).split(b"\0")
        for line in whole:
            yield line
