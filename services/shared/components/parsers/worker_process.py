"""The parent's side of one worker process: start it, ask it, find out why it died."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Self

import orjson

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.limits import ParseLimits
from services.shared.components.parsers.ocr import Ocr
from services.shared.components.parsers.wire import HEADER, decode_result
from services.shared.kit.telemetry import get_logger

_WORKER_MODULE = "services.shared.components.parsers.worker"
_START_TIMEOUT = timedelta(seconds=60)
# After these a worker's memory is in an unknown state.
_FATAL_CODES = frozenset({"parser_error", "memory_limit"})
_BUFFER_BYTES = 1024 * 1024


class WorkerProcess:
    """One worker. Use from one task at a time; after a failed or cancelled request it is not `reusable`."""

    def __init__(self, process: Process, limits: ParseLimits) -> None:
        self._process = process
        self._limits = limits
        self._requests = 0
        self._broken = False

    @classmethod
    async def start(cls, limits: ParseLimits, parsers: Mapping[str, str], ocr: Ocr | None) -> Self:
        """Start a worker and wait until it has confined itself.

        Raises `ParseFailure` when it does not come up.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", _WORKER_MODULE,
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment(), limit=_BUFFER_BYTES,
        )  # fmt: skip
        worker = cls(process, limits)
        try:
            async with asyncio.timeout(_START_TIMEOUT.total_seconds()):
                worker._send(_configuration(limits, parsers, ocr))
                await worker._receive()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            await worker.stop()
            raise _not_started() from None
        except BaseException:
            await worker.stop()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def reusable(self) -> bool:
        """True while the worker can take another document."""
        alive = self._process.returncode is None
        return alive and not self._broken and self._requests < self._limits.documents_per_worker

    async def parse(
        self, content: bytes, *, filename: str, media_type: str | None, parsers: Mapping[str, str]
    ) -> ParsedDocument:
        """Have one document parsed, with these parsers instead of the usual ones. Raises `ParseFailure`."""
        request = orjson.dumps({"filename": filename, "media_type": media_type, "parsers": dict(parsers)})
        self._requests += 1
        self._broken = True  # until the answer is read completely; a cancelled request leaves it so
        try:
            async with asyncio.timeout(self._limits.wall_time.total_seconds()):
                body = await self._ask(content, request)
            result, trace = decode_result(body)
        except TimeoutError:
            raise _too_slow(self._limits.wall_time) from None
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._why_it_died() from None
        except (ValueError, KeyError, TypeError) as error:
            raise _crashed("a malformed answer") from error
        return self._unwrapped(result, trace)

    def kill(self) -> None:
        """End the process at once; its exit status is collected by the event loop."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                # Process.kill() would look whether it ended by itself, and so take its exit status from the event loop.
                os.kill(self._process.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """End the process and wait until it and its pipes are gone."""
        self.kill()
        await self._process.communicate()  # reads what is left: an unread pipe keeps its transport open

    def _unwrapped(self, result: ParsedDocument | ParseFailure, trace: str) -> ParsedDocument:
        if isinstance(result, ParsedDocument):
            self._broken = False
            return result
        self._broken = result.code in _FATAL_CODES
        if trace:
            get_logger(__name__).warning("parser_failed", code=result.code, trace=trace)
        raise result

    async def _ask(self, content: bytes, request: bytes) -> bytes:
        assert self._process.stdin is not None  # noqa: S101 - opened with PIPE
        self._send(request)
        self._send(content)
        await self._process.stdin.drain()
        return await self._receive()

    def _send(self, body: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - opened with PIPE
        self._process.stdin.write(HEADER.pack(len(body)))
        self._process.stdin.write(body)

    async def _receive(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - opened with PIPE
        (length,) = HEADER.unpack(await self._process.stdout.readexactly(HEADER.size))
        if length > self._limits.output_bytes:
            raise ValueError(f"a worker announced {length} bytes")
        return await self._process.stdout.readexactly(length)

    async def _why_it_died(self) -> ParseFailure:
        self.kill()  # a worker that closed its pipe may still run
        status = await self._process.wait()
        if status == -signal.SIGXCPU:
            return _too_much_cpu(self._limits.cpu_time)
        return _crashed(signal.Signals(-status).name if status < 0 else f"exit status {status}")


def _environment() -> dict[str, str]:
    """Only what a worker needs: our own environment may hold secrets."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MiB of the address space limit
        "RAYON_NUM_THREADS": "1",  # the pool is the parallelism
        "OMP_THREAD_LIMIT": "1",  # the same for OCR
        "OPENBLAS_NUM_THREADS": "1",  # openpyxl loads NumPy where there is one, and each thread reserves memory
    }


def _configuration(limits: ParseLimits, parsers: Mapping[str, str], ocr: Ocr | None) -> bytes:
    return orjson.dumps(
        {
            "parsers": {str(kind): name for kind, name in parsers.items()},
            "address_space_bytes": limits.address_space_bytes,
            "cpu_seconds": max(1, round(limits.cpu_time.total_seconds())),
            "output_bytes": limits.output_bytes,
            "ocr": None if ocr is None else asdict(ocr),
        }
    )


def _not_started() -> ParseFailure:
    message = (
        "The parser process did not start; the document itself was not looked at. Check the machine's free memory and "
        "the installation, and try again."
    )
    return ParseFailure(ParseStage.ISOLATION, "worker_not_started", message)


def _too_slow(limit: timedelta) -> ParseFailure:
    message = (
        f"Parsing took longer than {limit.total_seconds():g} seconds and was stopped. Split the document and try again."
    )
    return ParseFailure(ParseStage.ISOLATION, "timeout", message)


def _too_much_cpu(limit: timedelta) -> ParseFailure:
    message = (
        f"Parsing used more than {limit.total_seconds():g} seconds of processor time and was stopped. "
        "Split the document and try again."
    )
    return ParseFailure(ParseStage.ISOLATION, "cpu_limit", message)


def _crashed(how: str) -> ParseFailure:
    message = (
        f"The parser ended unexpectedly on this document ({how}): it is damaged or needs too much memory. "
        "Open and save it again in its own program, or split it, and upload the new copy."
    )
    return ParseFailure(ParseStage.ISOLATION, "worker_crashed", message)
