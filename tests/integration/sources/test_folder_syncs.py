"""Folders and their syncs: what changed is fetched, what vanished goes, what was renamed is not embedded again."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from services.shared.contracts.sources import SyncStatus
from tests.integration.ingest.corpora import chapters, expected_points
from tests.integration.ingest.stack import Stack
from tests.integration.sources.desk import SourceClient, counts, write
from tests.processes import wait_until


@pytest.fixture
def client(stack: Stack, request: pytest.FixtureRequest) -> SourceClient:
    return SourceClient(stack, f"s{abs(hash(request.node.name)) % 10**9}")


def _named(folder: Path, contents: dict[str, bytes]) -> dict[str, bytes]:
    return {str(folder / name): content for name, content in contents.items()}


def test_a_sync_adds_updates_renames_and_deletes_and_embeds_only_what_is_new(
    client: SourceClient, tmp_path: Path
) -> None:
    contents = {f"{name}.md": chapters(name) for name in ("a", "b", "c", "d")}
    write(tmp_path, {**contents, "skipped.log": b"no", ".hidden": b"no"})
    client.declare({"kind": "folder", "path": str(tmp_path)}, exclude=["*.log"])
    plan = client.plan().plan
    assert plan is not None
    assert (plan.adds, plan.bytes, client.documents()) == (4, sum(map(len, contents.values())), set())

    assert counts(client.sync()) == {"ingested": 4}
    assert set(client.stack.points(client.name)) == expected_points(
        client.stack, client.name, _named(tmp_path, contents)
    )
    asked = client.stack.texts_embedded()
    assert counts(client.sync()) == {"unchanged": 4}

    (tmp_path / "b.md").rename(tmp_path / "sub.md")
    (tmp_path / "c.md").unlink()
    (tmp_path / "d.md").touch()
    planned = client.plan().plan
    assert planned is not None
    assert (planned.adds, planned.renames, planned.deletes, planned.updates, planned.unchanged) == (0, 1, 1, 1, 1)
    assert counts(client.sync()) == {"unchanged": 2, "renamed": 1, "deleted": 1}
    assert client.stack.texts_embedded() == asked

    write(tmp_path, {"a.md": chapters("a", sections=4)})
    assert counts(client.sync()) == {"ingested": 1, "unchanged": 2}
    left = {"a.md": chapters("a", sections=4), "sub.md": contents["b.md"], "d.md": contents["d.md"]}
    expected = expected_points(client.stack, client.name, _named(tmp_path, left))
    wait_until(lambda: set(client.stack.points(client.name)) == expected, deadline_s=20, what="the vanished to be gone")
    assert set(client.items()) == set(left)


def test_a_worker_killed_at_any_stage_leaves_a_sync_that_ends_as_if_nothing_had_happened(
    client: SourceClient, tmp_path: Path
) -> None:
    contents = {f"{number}.md": chapters(str(number)) for number in range(80)}
    write(tmp_path, contents)
    client.declare({"kind": "folder", "path": str(tmp_path)})
    sync = client.start()
    for fetched, ingested in ((1, 0), (0, 40)):

        def far_enough(fetched: int = fetched, ingested: int = ingested) -> bool:
            now = client.get(sync.id)
            done = sum(client.stack.job(job).done for job in now.jobs)
            return now.finished_at is not None or (now.fetched >= fetched and done >= ingested)

        wait_until(far_enough, deadline_s=60, what=f"{fetched} items fetched and {ingested} ingested")
        client.stack.kill("ingest")
        client.stack.start("ingest")

    assert counts(client.ended(sync)) == {"ingested": 80}
    expected = expected_points(client.stack, client.name, _named(tmp_path, contents))
    assert set(client.stack.points(client.name)) == expected
    assert counts(client.sync()) == {"unchanged": 80}


def test_a_source_goes_on_through_a_switch_of_versions(client: SourceClient, tmp_path: Path) -> None:
    contents = {f"{number}.md": f"# Mast {number}\n\nThe switch of mast {number}.".encode() for number in range(8)}
    later = {f"late-{number}.md": f"# Mast {number}\n\nA later mast {number}.".encode() for number in range(8)}
    write(tmp_path, contents)
    client.declare({"kind": "folder", "path": str(tmp_path)})
    assert counts(client.sync()) == {"ingested": 8}

    write(tmp_path, later)
    sync = client.start()
    with client.stack.corpus() as http:
        built = http.post(f"/api/collections/{client.name}/versions", json={"chunking": {"chunker": "sentence"}})
        assert built.status_code == 201
    assert counts(client.ended(sync)) == {"ingested": 8, "unchanged": 8}
    client.stack.becomes_active(client.name, built.json()["number"])

    (tmp_path / "0.md").unlink()
    (tmp_path / "1.md").rename(tmp_path / "one.md")
    write(tmp_path, {"2.md": b"# Mast 2\n\nAnother mast 2."})
    assert counts(client.sync()) == {"ingested": 1, "unchanged": 13, "renamed": 1, "deleted": 1}
    left = {**contents, **later, "one.md": contents["1.md"], "2.md": b"# Mast 2\n\nAnother mast 2."}
    del left["0.md"], left["1.md"]
    expected = {(str(tmp_path / name), content.decode()) for name, content in left.items()}
    wait_until(lambda: _found(client) == expected, deadline_s=30, what="the collection to be as the folder is")


def _found(client: SourceClient) -> set[tuple[str, str]]:
    """The chunks that a search could find, by the names of their documents."""
    points = client.stack.points(client.name).values()
    return {(str(point["source"]), str(point["text"])) for point in points if not point["hidden"]}


def test_what_failed_is_told_and_tried_again_at_the_next_sync(client: SourceClient, tmp_path: Path) -> None:
    write(tmp_path, {"good.md": chapters("good"), "bad.pdf": b"%PDF-1.7 broken"})
    client.declare({"kind": "folder", "path": str(tmp_path)})
    assert counts(client.sync()) == {"ingested": 1, "failed": 1}
    failed = client.items(status="failed")
    assert [(key, item.reason and item.reason.stage) for key, item in failed.items()] == [("bad.pdf", "parse")]
    assert counts(client.sync()) == {"unchanged": 1, "failed": 1}

    write(tmp_path, {"bad.pdf": chapters("mended")})
    assert counts(client.sync()) == {"ingested": 1, "unchanged": 1}
    assert client.items(status="failed") == {}


def test_a_source_that_is_away_or_suddenly_empty_deletes_nothing_unless_told_to(
    client: SourceClient, tmp_path: Path
) -> None:
    contents = {f"{number}.md": f"# {number}\n\nwords of {number}".encode() for number in range(24)}
    folder = tmp_path / "files"
    write(folder, contents)
    client.declare({"kind": "folder", "path": str(folder)})
    client.sync()
    documents = client.documents()

    folder.rename(tmp_path / "away")
    assert client.sync().code == "folder_missing"
    folder.mkdir()
    assert client.sync().code == "empty_listing"
    write(folder, dict(list(contents.items())[:11]))
    planned = client.plan().plan
    assert planned is not None
    assert planned.needs_confirmation is not None
    stopped = client.sync()
    assert (stopped.code, "--allow-deletes" in (stopped.error or "")) == ("too_many_deletes", True)
    assert client.documents() == documents

    assert client.sync(allow_deletes=True).deleted == 13
    assert len(client.documents()) == 11


def test_a_source_has_one_sync_at_a_time_which_can_be_cancelled(client: SourceClient, tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.md": chapters(str(number)) for number in range(60)})
    client.declare({"kind": "folder", "path": str(tmp_path)})
    sync = client.start()
    with client.stack.corpus() as http:
        second = http.post(f"/api/sources/{client.name}/plan")
        removed = http.delete(f"/api/sources/{client.name}")
        http.post(f"/api/syncs/{sync.id}/cancel")
    assert {second.json()["error"]["code"], removed.json()["error"]["code"]} == {"sync_running"}
    assert client.ended(sync).status is SyncStatus.CANCELLED
    again = client.sync()
    assert (again.status, again.failed, len(client.documents())) == (SyncStatus.COMPLETED, 0, 60)


def test_a_removed_source_leaves_its_documents_or_takes_those_that_no_other_source_has(
    client: SourceClient, tmp_path: Path
) -> None:
    write(tmp_path, {"a.md": chapters("a"), "sub/b.md": chapters("b"), "broken.pdf": b"%PDF-1.7 broken"})
    client.declare({"kind": "folder", "path": str(tmp_path)})
    client.sync()
    with client.stack.corpus() as http:
        config = {"kind": "folder", "path": str(tmp_path / "sub")}
        body = {"name": f"{client.name}-sub", "collection": client.name, "config": config}
        assert http.post("/api/sources", json=body).status_code == 201
        started = http.post(f"/api/sources/{client.name}-sub/sync", json={}).json()
        client.ended(client.get(started["id"]))
        removed = http.delete(f"/api/sources/{client.name}", params={"documents": "delete"}).json()
        client.stack.kill("ingest")
        client.stack.start("ingest")
        assert http.get(f"/api/sources/{client.name}").status_code == 404
    assert client.documents() == {str(tmp_path / "sub" / "b.md")}

    receipt = client.receipt(removed["receipt_id"])
    assert (receipt.subject, receipt.subject_name, receipt.source_items) == ("source", client.name, 3)
    gone = {str(tmp_path / "a.md"), str(tmp_path / "broken.pdf")}
    assert {each.source for each in receipt.documents} == gone
    assert [each.outcome for each in receipt.files] == ["removed", "removed"]
    assert not client.stack.points_of(client.name, str(tmp_path / "a.md"))
    assert client.verify(receipt).ok


def test_a_deleted_document_is_forgotten_by_its_source_and_a_sync_that_deletes_leaves_a_receipt(
    client: SourceClient, tmp_path: Path
) -> None:
    write(tmp_path, {"a.md": chapters("a"), "b.md": chapters("b"), "c.md": chapters("c")})
    client.declare({"kind": "folder", "path": str(tmp_path)})
    client.sync()
    with client.stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": client.name}).json()["data"]
        document = next(each["id"] for each in listed if each["source"].endswith("a.md"))
        receipt = client.receipt(http.delete(f"/api/documents/{document}").json()["receipt_id"])
    assert (receipt.source_items, receipt.sync_items) == (1, 1)
    assert set(client.items()) == {"b.md", "c.md"}
    assert client.verify(receipt).ok

    assert counts(client.sync()) == {"ingested": 1, "unchanged": 2}
    assert client.verify(receipt).ok
    (tmp_path / "b.md").unlink()
    assert client.sync().deleted == 1
    with client.stack.corpus() as http:
        newest = http.get("/api/receipts").json()["data"][0]["id"]
    vanished = client.receipt(newest)
    assert (vanished.subject, vanished.subject_name) == ("sync", client.name)
    assert [(each.source, each.chunks > 0) for each in vanished.documents] == [(str(tmp_path / "b.md"), True)]
    assert client.verify(vanished).ok
    with closing(sqlite3.connect(client.stack.home / "db" / "corpus.sqlite")) as ledger, ledger:
        moved = (str(tmp_path / "b.md"), str(tmp_path / "c.md"))
        ledger.execute("UPDATE source_items SET source = ?, synced_at = 0 WHERE source = ?", moved)
    assert not client.verify(vanished).ok


def test_a_schedule_starts_syncs_and_what_is_not_allowed_is_refused(client: SourceClient, tmp_path: Path) -> None:
    write(tmp_path, {"a.md": chapters("a")})
    client.declare({"kind": "folder", "path": str(tmp_path)}, schedule={"every_seconds": 3600})
    with closing(sqlite3.connect(client.stack.home / "db" / "corpus.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE sources SET next_sync_at = 1 WHERE name = ?", [client.name])
    wait_until(client.documents, deadline_s=30, what="the scheduled sync")

    with client.stack.corpus() as http:

        def refused(**change: object) -> str:
            return str(http.patch(f"/api/sources/{client.name}", json=change).json()["error"]["code"])

        wait_until(
            lambda: refused(config={"kind": "folder", "path": "/etc"}) == "folder_not_allowed",
            deadline_s=20,
            what="the sync to end",
        )
        assert refused(config={"kind": "folder", "path": str(tmp_path / "x")}) == "source_place_is_fixed"
        assert refused(schedule={"cron": "never"}) == "invalid_schedule"
        changed = http.patch(f"/api/sources/{client.name}", json={"exclude": ["*.md"], "schedule": None}).json()
    assert (changed["exclude"], changed["schedule"], changed["next_sync_at"]) == (["*.md"], None, None)
    assert client.sync(allow_deletes=True).deleted == 1
