"""Looks into the ledger from outside: what the platform is at, and whether it goes on."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

_HANDING_OVER = (
    "SELECT 1 FROM documents heir JOIN documents owner ON owner.id = heir.copy_of"
    " WHERE heir.stale AND (owner.deleting OR owner.attempt_status = 'pending')"
)
_PHASES: tuple[tuple[str, str], ...] = (
    ("handing over shared chunks", _HANDING_OVER),
    ("switching versions", "SELECT 1 FROM collections WHERE alias_behind"),
    ("sync: listing", "SELECT 1 FROM syncs WHERE status = 'running' AND stage = 'list'"),
    ("sync: comparing", "SELECT 1 FROM syncs WHERE status = 'running' AND stage = 'compare'"),
    ("sync: deleting", "SELECT 1 FROM syncs WHERE status = 'running' AND stage = 'delete'"),
    ("deleting", "SELECT 1 FROM documents WHERE deleting UNION ALL SELECT 1 FROM collections WHERE deleting"),
    ("sync: fetching", "SELECT 1 FROM syncs WHERE status = 'running' AND stage = 'fetch'"),
    ("building a version", "SELECT 1 FROM collections WHERE switch_to IS NOT NULL"),
    ("ingesting for a sync", "SELECT 1 FROM syncs WHERE status = 'running' AND stage = 'ingest'"),
    ("ingesting", "SELECT 1 FROM jobs WHERE status = 'running'"),
    (
        "work waiting",
        "SELECT 1 FROM jobs WHERE status = 'queued' UNION ALL SELECT 1 FROM syncs WHERE status = 'queued'",
    ),
    ("receipts to be issued", "SELECT 1 FROM receipts WHERE issued_at IS NULL"),
)
REST = "at rest"
RARE = tuple(name for name, _ in _PHASES[:6])
"""Phases so short that a random moment hardly meets them."""

_PROGRESS = (
    "SELECT (SELECT count(*) FROM job_documents WHERE status <> 'pending'),"
    " (SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')),"
    " (SELECT count(*) FROM sync_items WHERE status <> 'waiting'), (SELECT count(*) FROM sync_items),"
    " (SELECT group_concat(stage || status) FROM syncs),"
    " (SELECT count(*) FROM documents WHERE deleting), (SELECT count(*) FROM documents WHERE stale),"
    " (SELECT group_concat(index_name) FROM collections), (SELECT count(*) FROM receipts WHERE issued_at IS NULL)"
)


class Watch:
    """Reads the ledger of a stack's home; each thread with a connection of its own."""

    def __init__(self, home: Path) -> None:
        self._path = home / "db" / "corpus.sqlite"
        self._open = threading.local()

    def phase(self) -> str:
        """What is under way: the rarest of it."""
        return next((name for name, query in _PHASES if self.rows(f"SELECT EXISTS ({query})")[0][0]), REST)

    def is_at(self, phase: str) -> bool:
        """Whether this is under way."""
        return bool(self.rows(f"SELECT EXISTS ({dict(_PHASES)[phase]})")[0][0])

    def progress(self) -> Sequence[object]:
        """Changes whenever something is done."""
        return self.rows(_PROGRESS)[0]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query of the ledger finds."""
        if not hasattr(self._open, "ledger"):
            self._open.ledger = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=30)
        return list(self._open.ledger.execute(query))
