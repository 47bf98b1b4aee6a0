"""Parses documents in worker processes that can be killed: the only way in for documents that strangers wrote.

This module imports no parser and no native library.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.limits import ParseLimits
from services.shared.components.parsers.ocr import Ocr
from services.shared.components.parsers.registry import PARSERS
from services.shared.components.parsers.worker_process import WorkerProcess

_NO_OTHERS: Mapping[str, str] = {}


class ParserPool:
    """A few worker processes, started when first needed and reused between documents.

    async with ParserPool(ParseLimits(), size=2) as pool:
        document = await pool.parse(Path("handbook.pdf"))

    A worker that hangs, crashes or exceeds a limit is killed and replaced; other documents are not affected.
    `parsers` maps media types to `module:Class`; without `ocr`, scans and pictures are refused.
    """

    def __init__(
        self,
        limits: ParseLimits | None = None,
        *,
        size: int = 2,
        parsers: Mapping[str, str] = PARSERS,
        ocr: Ocr | None = None,
    ) -> None:
        self._limits = limits or ParseLimits()
        self._parsers = dict(parsers)
        self._ocr = ocr
        self._size = size
        self._slots: asyncio.LifoQueue[WorkerProcess | None] = asyncio.LifoQueue()
        self._workers: set[WorkerProcess] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        for _ in range(self._size):
            self._slots.put_nowait(None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for worker in self._workers:
            worker.kill()
        for _ in range(self._size):  # each parse that still runs fails now and gives its slot back
            worker = await self._slots.get()
            if worker is not None:
                self._end(worker)
        await asyncio.gather(*self._ending)

    async def parse(
        self,
        source: Path | bytes,
        *,
        filename: str | None = None,
        media_type: str | None = None,
        parsers: Mapping[str, str] = _NO_OTHERS,
    ) -> ParsedDocument:
        """Parse a file or its bytes; `filename` and `media_type` are hints that the content overrules.

        `parsers` are those to use instead of the pool's, for some media types.

        Waits for a free worker; limits count from then. Raises `ParseFailure`, whose message is for the person who
        brought the document.
        """
        content = source if isinstance(source, bytes) else await asyncio.to_thread(self._read, source)
        self._check_size(len(content))
        name = filename or (source.name if isinstance(source, Path) else "")
        worker = await self._slots.get()
        try:
            worker = await self._ready(worker)
            return await worker.parse(content, filename=name, media_type=media_type, parsers=parsers)
        finally:
            self._slots.put_nowait(self._kept(worker))

    @property
    def worker_pids(self) -> frozenset[int]:
        """The process ids of the workers that run now, for operators and tests."""
        return frozenset(worker.pid for worker in self._workers)

    async def _ready(self, worker: WorkerProcess | None) -> WorkerProcess:
        """The slot's worker, or a new one where it has none or it died while it was idle."""
        if worker is None or not worker.reusable:
            self._kept(worker)
            worker = await WorkerProcess.start(self._limits, self._parsers, self._ocr)
            self._workers.add(worker)
        if self._closed:
            self._end(worker)
            raise RuntimeError("the parser pool is closed")
        return worker

    def _kept(self, worker: WorkerProcess | None) -> WorkerProcess | None:
        """The worker when it can take another document; else it is ended, and the slot starts a new one when needed."""
        if worker is not None and not worker.reusable:
            self._end(worker)
            return None
        return worker

    def _end(self, worker: WorkerProcess) -> None:
        """Kill a worker now and see to its remains in the background."""
        worker.kill()
        if worker in self._workers:
            self._workers.remove(worker)
            task = asyncio.create_task(worker.stop())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def _read(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(self._limits.input_bytes + 1)
        except OSError as error:
            message = f"The file cannot be read ({error.strerror}). Check that it exists and that its owner allows it."
            raise ParseFailure(ParseStage.READ, "unreadable", message) from error

    def _check_size(self, size: int) -> None:
        limit = self._limits.input_bytes
        if size > limit:
            message = f"The file is larger than the {limit:,} bytes that one document may have. Split it and try again."
            raise ParseFailure(ParseStage.READ, "too_large", message)
