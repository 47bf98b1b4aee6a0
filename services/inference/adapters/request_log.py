"""Keeps requests without any of them waiting for it: a bounded queue that one thread reads, judges and writes."""

import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from prometheus_client import Counter, Gauge
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from services.inference.adapters import request_rows
from services.inference.domain.ended_calls import EndedCall, KeepingRules
from services.inference.errors import no_request_log
from services.shared.contracts.requests import LoggedRequest
from services.shared.kit.errors import PlatformError
from services.shared.kit.tables import Tables
from services.shared.kit.telemetry import get_logger

T = TypeVar("T")
_CAPACITY = 2_000
_CAPACITY_BYTES = 64 * 1024 * 1024
_BATCH = 100
_COLLECT_S = 0.2
_AFTER_FAILURE_S = 2.0
_LAST_TRY_S = 5.0
_TIDY_EVERY_S = 3600.0
_LOWERED_TO = 0.95
_REFUSED = (SQLAlchemyError, ValueError, TypeError, RecursionError)

_log = get_logger("request_log")
_written = Counter("ragworks_requests_logged", "Requests that the request log holds, or held.")
_lost = Counter("ragworks_requests_lost", "Requests that the request log could not keep.", ["reason"])
_waiting = Gauge("ragworks_requests_waiting", "Requests that wait to be written to the request log.")
_bytes = Gauge("ragworks_request_log_bytes", "About what the request log takes on disk.")


@dataclass(frozen=True)
class LogLimits:
    """How much is kept, and how long."""

    days: float
    """0: for ever."""
    max_bytes: int
    sample: float
    """Share of the requests without a flag that is kept; those with one always are."""


class RequestLog:
    """Use it as a context manager; its methods may be called from any thread."""

    def __init__(self, tables: Tables | None, rules: KeepingRules, limits: LogLimits) -> None:
        """`tables` None: nothing is kept."""
        self._tables = tables
        self._rules = rules
        self._limits = limits
        self._queue = deque[EndedCall]()
        self._queued_bytes = 0
        self._wake, self._closing = threading.Event(), threading.Event()
        self._writing = threading.Lock()
        self._is_ready = False
        self._size_bytes = 0
        self._tidy_at = 0.0
        self._forgotten = dict[str, datetime]()
        self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
        _waiting.set_function(lambda: len(self._queue))

    def __enter__(self) -> Self:
        if self._tables is not None:
            self._wake.set()  # the tables are made at once, not with the first request
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._wake.set()
        if self._tables is None:
            return
        self._thread.join(_LAST_TRY_S)
        if self._queue:
            self._lose(len(self._queue), "shutdown")
        self._tables.close()

    def keep(self, ended: EndedCall) -> None:
        """Have a call kept; never waits, never fails."""
        if self._tables is None:
            return
        size = sum(map(len, ended.sent))
        if len(self._queue) >= _CAPACITY or self._queued_bytes + size > _CAPACITY_BYTES:
            self._lose(1, "queue_full")
            return
        self._queued_bytes += size
        self._queue.append(ended)
        if not self._wake.is_set():
            self._wake.set()

    def read(self, query: Callable[[Connection], T]) -> T:
        """A query's result, over all calls that have ended. Blocking; raises as `Tables` does."""
        with suppress(PlatformError):  # on a full disk what was written before can still be read
            self._drain()
        tables = self._open()
        with tables.read() as connection:
            return query(connection)

    def write(self, change: Callable[[Connection], T]) -> T:
        """A change's result, made in one transaction after all calls that have ended. Blocking; raises as `Tables`."""
        self._drain()
        tables = self._open()
        with self._writing, tables.write() as connection:
            return change(connection)

    def forget(self, principal: str, until: datetime) -> int:
        """Delete a principal's calls until a moment, those that are under way included; how many."""
        self._forgotten[principal] = until
        return self.write(lambda connection: request_rows.remove_of(connection, principal, until))

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(_TIDY_EVERY_S)
            self._wake.clear()
            self._closing.wait(_COLLECT_S)
            try:
                self._drain()
                self._tidy()
            except PlatformError as error:
                _log.warning("requests_wait", requests=len(self._queue), reason=error.message)
                self._closing.wait(_AFTER_FAILURE_S)
                self._wake.set()
        with suppress(PlatformError):
            self._drain()

    def _open(self) -> Tables:
        if self._tables is None:
            raise no_request_log()
        if not self._is_ready:
            self._tables.create_schema()
            self._is_ready = True
        return self._tables

    def _drain(self) -> None:
        """Write all that waits; what could not be written goes on waiting."""
        if self._tables is None:
            return
        with self._writing:
            tables = self._open()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
                try:
                    self._store(tables, batch)
                except PlatformError:
                    self._queue.extendleft(reversed(batch))
                    raise
                self._queued_bytes -= sum(len(piece) for ended in batch for piece in ended.sent)

    def _store(self, tables: Tables, batch: Sequence[EndedCall]) -> None:
        entries = [entry for ended in batch if (entry := self._entry(ended)) is not None]
        try:
            self._insert(tables, entries)
        except _REFUSED:  # one that no database takes must not hold up the others
            for entry in entries:
                self._store_alone(tables, entry)

    def _store_alone(self, tables: Tables, entry: LoggedRequest) -> None:
        try:
            self._insert(tables, [entry])
        except _REFUSED as error:
            self._lose(1, "refused")
            _log.error("request_refused", id=entry.id, reason=type(error).__name__)

    def _insert(self, tables: Tables, entries: Sequence[LoggedRequest]) -> None:
        with tables.write() as connection:
            self._size_bytes += request_rows.add(connection, entries)
        _written.inc(len(entries))
        _bytes.set(self._size_bytes)

    def _entry(self, ended: EndedCall) -> LoggedRequest | None:
        forgotten = self._forgotten.get(ended.principal or "")
        if forgotten is not None and ended.figures.started_at <= forgotten:
            return None
        try:
            entry = self._rules.entry(ended)
        except _REFUSED as error:
            self._lose(1, "unreadable")
            _log.error("request_unreadable", id=ended.id, reason=type(error).__name__)
            return None
        return entry if entry.flags or self._is_in_sample(entry) else None

    def _is_in_sample(self, entry: LoggedRequest) -> bool:
        """The same for every call of one transaction."""
        share = zlib.crc32((entry.request_id or entry.id).encode()) / 2**32
        return share < self._limits.sample

    def _tidy(self) -> None:
        """Delete what is too old or too much."""
        tables = self._open()
        if time.monotonic() >= self._tidy_at:
            if self._limits.days:
                before = datetime.now(UTC) - timedelta(days=self._limits.days)
                self._remove(tables, lambda connection: request_rows.remove_older(connection, before))
            with tables.read() as connection:
                self._size_bytes = request_rows.size_bytes(connection)
            self._tidy_at = time.monotonic() + _TIDY_EVERY_S
        if self._size_bytes > self._limits.max_bytes:
            target = self._limits.max_bytes * _LOWERED_TO
            self._remove(tables, request_rows.remove_oldest, until_bytes=target)
        _bytes.set(self._size_bytes)

    def _remove(self, tables: Tables, some: Callable[[Connection], int], *, until_bytes: float = -1) -> None:
        while self._size_bytes > until_bytes or until_bytes < 0:
            with self._writing, tables.write() as connection:
                gone = some(connection)
            self._size_bytes = max(self._size_bytes - gone, 0)
            if not gone:
                return

    def _lose(self, count: int, reason: str) -> None:
        _lost.labels(reason).inc(count)
        _log.error("requests_lost", requests=count, reason=reason)
