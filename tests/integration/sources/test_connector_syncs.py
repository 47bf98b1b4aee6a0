"""Connectors as sources: what their syncs tell becomes documents, once, and is gone on with after a kill."""

import sqlite3
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from services.shared.contracts.sources import SyncStatus
from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack
from tests.integration.sources.desk import SourceClient, counts
from tests.integration.sources.paged import PagedSystem, paged_system, serving
from tests.processes import wait_until

_SQL = """
[[connectors]]
name = "{name}"
kind = "sql"
allow = ["key:tester"]
collections = ["{name}"]
[connectors.config]
url = "file:{name}.url"
[connectors.config.sync]
sql = "SELECT * FROM notes WHERE changed > CAST(:cursor AS INTEGER) ORDER BY changed"
key = "id"
title = "title"
cursor = "changed"
text = "body"
{more}
"""
_PAGED = """
[[connectors]]
name = "{name}"
kind = "tests.integration.sources.paged:PagedConnector"
allow = ["everyone"]
per_second = 1000
config = {{url = "{url}"}}
"""


@pytest.fixture
def client(stack: Stack, request: pytest.FixtureRequest) -> SourceClient:
    return SourceClient(stack, f"c{abs(hash(request.node.name)) % 10**9}")


def _declare(client: SourceClient, toml: str, **values: str) -> None:
    """A connector of the source's name is the only one from now on."""
    file = Path(client.stack.env["RAGWORKS_CONNECTORS_FILE"])
    file.write_text(toml.format(name=client.name, **values))


class Notes:
    """The table of notes; each change counts one up."""

    def __init__(self, client: SourceClient, folder: Path) -> None:
        self._path = folder / "notes.sqlite"
        self._changes = 0
        url = client.stack.home / f"{client.name}.url"
        url.write_text(f"sqlite:///{self._path}")
        url.chmod(0o600)
        self._run("CREATE TABLE notes (id TEXT PRIMARY KEY, title TEXT, body TEXT, changed INTEGER, gone, readers)")

    def put(self, key: str, body: bytes, *, readers: str = "") -> None:
        """A new note, or a change of one."""
        row = (key, f"Note {key}", body.decode(), self._next(), readers)
        self._run("INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, NULL, ?)", *row)

    def mark_gone(self, key: str) -> None:
        """A note that says of itself that it is deleted."""
        self._run("UPDATE notes SET gone = 1, changed = ? WHERE id = ?", self._next(), key)

    def remove(self, key: str) -> None:
        """A note that is not there any more."""
        self._run("DELETE FROM notes WHERE id = ?", key)

    def _next(self) -> int:
        self._changes += 1
        return self._changes

    def _run(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute(statement, values)


@pytest.fixture
def notes(client: SourceClient, tmp_path: Path) -> Notes:
    return Notes(client, tmp_path)


@pytest.fixture
def system() -> Generator[PagedSystem]:
    with paged_system() as running:
        yield running


def _names(client: SourceClient) -> set[str]:
    """What the collection's documents are called by the outside system."""
    return {source.removeprefix(f"{client.name}:") for source in client.documents()}


def test_rows_of_a_table_become_documents_that_change_and_go_with_them(client: SourceClient, notes: Notes) -> None:
    _declare(client, _SQL, more='deleted = "gone"')
    for key in ("a", "b", "c"):
        notes.put(key, chapters(f"the first {key}"))
    client.declare({"kind": "connector", "connector": client.name})
    plan = client.plan().plan
    assert plan is not None
    assert (plan.adds, client.documents()) == (3, set())
    assert counts(client.sync()) == {"ingested": 3}
    assert {str(point["title"]) for point in client.stack.points(client.name).values()} == {
        "Note a",
        "Note b",
        "Note c",
    }
    asked = client.stack.texts_embedded()
    assert client.sync().listed == 0, "the cursor of the last sync is gone on with"

    notes.put("b", chapters("another b"))
    notes.mark_gone("c")
    assert counts(client.sync()) == {"ingested": 1, "deleted": 1}
    assert counts(client.sync(full=True)) == {"unchanged": 2}, "what was read again is the same"

    wait_until(lambda: _names(client) == {"a", "b"}, deadline_s=30, what="the deleted row's document to go")
    texts = " ".join(str(point["text"]) for point in client.stack.points_of(client.name, f"{client.name}:b").values())
    assert "another b" in texts
    assert "the first b" not in texts
    assert client.stack.texts_embedded() > asked


def test_rows_that_vanish_without_a_word_are_found_by_a_full_sync(client: SourceClient, notes: Notes) -> None:
    _declare(client, _SQL, more="")
    for key in ("a", "b"):
        notes.put(key, chapters(key))
    client.declare({"kind": "connector", "connector": client.name})
    client.sync()

    notes.remove("a")
    assert counts(client.sync()) == {}
    assert counts(client.sync(full=True)) == {"unchanged": 1, "deleted": 1}
    wait_until(lambda: _names(client) == {"b"}, deadline_s=30, what="the vanished row's document to go")


def test_readers_are_those_of_the_row_and_change_with_it(client: SourceClient, notes: Notes) -> None:
    _declare(client, _SQL, more='access = "readers"')
    notes.put("bobs", chapters("one"), readers="key:bob")
    notes.put("both", chapters("two"), readers="key:bob, key:eve")
    notes.put("nobodys", chapters("three"))
    client.declare({"kind": "connector", "connector": client.name}, access=["everyone"])
    assert counts(client.sync()) == {"ingested": 3}
    assert (_seen(client, "key:bob"), _seen(client, "key:eve")) == ({"bobs", "both"}, {"both"})
    assert _seen(client, "key:tester") == set()

    notes.put("bobs", chapters("one"), readers="key:eve")
    notes.put("both", chapters("two"))
    assert counts(client.sync()) == {"ingested": 2}
    assert (_seen(client, "key:bob"), _seen(client, "key:eve")) == (set(), {"bobs"})


def _seen(client: SourceClient, principal: str) -> set[str]:
    """What the principal can read of the source's documents."""
    with client.stack.corpus(principal=principal) as http:
        listed = http.get("/api/documents", params={"collection": client.name}).json()["data"]
        found = {each["source"]: http.get(f"/api/documents/{each['id']}/text").status_code for each in listed}
    return {source.removeprefix(f"{client.name}:") for source, status in found.items() if status == 200}


def test_a_worker_killed_in_the_middle_goes_on_at_the_last_checkpoint(
    client: SourceClient, system: PagedSystem
) -> None:
    system.pages = [
        [{"key": f"{page}-{each}", "text": f"Text {each} of page {page}."} for each in "ab"] for page in range(4)
    ]
    system.held[2] = threading.Event()
    _declare(client, _PAGED, url=system.url)
    client.declare({"kind": "connector", "connector": client.name})
    sync = client.start()
    wait_until(lambda: 2 in system.asked, deadline_s=30, what="the third page to be asked for")
    client.stack.kill("ingest")
    before = len(system.asked)
    system.held.pop(2).set()
    client.stack.start("ingest")

    assert counts(client.ended(sync)) == {"ingested": 8}
    assert 0 not in system.asked[before:], "what was told before the kill is not asked for again"
    assert _names(client) == {f"{page}-{each}" for page in range(4) for each in "ab"}


def test_a_system_that_fails_in_the_middle_loses_nothing_and_is_gone_on_with(
    client: SourceClient, system: PagedSystem
) -> None:
    system.pages = [[{"key": "a", "text": "First."}], [{"key": "b", "text": "Second."}]]
    system.broken = {1}
    _declare(client, _PAGED, url=system.url)
    client.declare({"kind": "connector", "connector": client.name})

    ended = client.sync()
    assert (ended.status, ended.code, counts(ended)) == (SyncStatus.FAILED, "upstream_status", {"ingested": 1})
    assert _names(client) == {"a"}

    system.broken, system.asked = set(), []
    assert counts(client.sync()) == {"ingested": 1}
    assert system.asked[0] == 1
    assert _names(client) == {"a", "b"}


def test_what_the_system_cannot_give_is_kept_with_its_reason_and_the_rest_goes_on(
    client: SourceClient, system: PagedSystem
) -> None:
    system.pages = [[{"key": "a", "text": "First."}, {"key": "b", "error": "Somebody edits it."}]]
    _declare(client, _PAGED, url=system.url)
    client.declare({"kind": "connector", "connector": client.name})

    assert counts(client.sync()) == {"ingested": 1, "failed": 1}
    (reason,) = [item.reason for item in client.items(status="failed").values()]
    assert reason is not None
    assert (reason.code, reason.message) == ("locked", "Somebody edits it.")

    system.pages += [[{"key": "b", "text": "Second."}, {"key": "a"}]]
    assert counts(client.sync()) == {"ingested": 1, "deleted": 1}
    assert client.items(status="failed") == {}


def test_entries_of_a_feed_become_documents_and_stay_when_the_feed_forgets_them(
    client: SourceClient, tmp_path: Path
) -> None:
    def publish(*days: int) -> None:
        items = "".join(_ENTRY.format(day=day) for day in days)
        (tmp_path / "feed.xml").write_text(f'<rss version="2.0"><channel>{items}</channel></rss>')

    with serving(tmp_path) as address:
        publish(1, 2)
        _declare(client, _FEED, url=f"{address}/feed.xml")
        client.declare({"kind": "connector", "connector": client.name})
        assert counts(client.sync()) == {"ingested": 2}
        publish(2, 3)
        assert counts(client.sync()) == {"ingested": 1}
        assert counts(client.sync(full=True)) == {"unchanged": 2}

    assert client.documents() == {f"https://news.example/{day}" for day in (1, 2, 3)}


_FEED = """
[[connectors]]
name = "{name}"
kind = "rss"
allow = ["everyone"]
config = {{url = "{url}"}}
"""
_ENTRY = (
    "<item><guid>{day}</guid><title>Pier {day}</title><link>https://news.example/{day}</link>"
    "<description>Pier {day} opens.</description><pubDate>{day} Nov 2026 08:00:00 GMT</pubDate></item>"
)


def test_who_may_not_use_a_connector_makes_no_source_of_it(client: SourceClient, notes: Notes) -> None:
    _declare(client, _SQL, more="")
    client.stack.create(client.name)
    client.stack.create(f"{client.name}-other")
    body = {"name": client.name, "config": {"kind": "connector", "connector": client.name}}
    with client.stack.corpus() as mine, client.stack.corpus(principal="key:stranger") as theirs:
        refused = [
            theirs.post("/api/sources", json={**body, "collection": client.name}),
            mine.post("/api/sources", json={**body, "collection": f"{client.name}-other"}),
        ]
        assert mine.post("/api/sources", json={**body, "collection": client.name}).status_code == 201

    assert [(each.status_code, each.json()["error"]["code"]) for each in refused] == [(400, "connector_not_found")] * 2
    _declare(client, _SQL.replace("key:tester", "key:other"), more="")
    assert client.sync().code == "connector_not_found", "the file counts as it is now"
