"""Archives of collections: what is exported comes back the same, whole or not at all, whatever is killed meanwhile."""

import io
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import httpx2
import orjson
import pytest

from services.shared.contracts.archives import ArchiveManifest, ImportedCollection
from services.shared.contracts.corpus import JobStatus
from tests.integration.ingest.corpora import chapters, library
from tests.integration.ingest.stack import Stack, new_stack
from tests.processes import REPOSITORY, wait_until
from tests.unit.components.archives.archive_files import Members, chunk, document, manifest, members, pack, vector

_OWN = {"document_id", "file_id", "collection", "ingested_at"}
"""What is another's in a copy of a chunk; `ingested_at` is compared as a time."""


@pytest.fixture(scope="module")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """As the folder's, with a gateway, and a lease that ends soon."""
    stack = new_stack(tmp_path_factory.mktemp("archives") / "home", gateway="services.gateway")
    stack.env["RAGWORKS_IMPORT_LEASE_S"] = "3"
    elsewhere = ["engine", "orchestrator", "retrieval", "connectors", "inference", "embedding"]
    stack.env["RAGWORKS_GATEWAY_READY_WITHOUT"] = orjson.dumps(elsewhere).decode()
    try:
        yield stack
    finally:
        stack.stop()


def _export(stack: Stack, name: str) -> bytes:
    with stack.corpus() as http:
        answer = http.get(f"/api/collections/{name}/export")
        assert answer.status_code == 200, answer.text
        return answer.content


def _import(stack: Stack, archive: bytes, **query: str | bool) -> httpx2.Response:
    with stack.corpus() as http:
        return http.post("/api/imports", content=archive, params=query)


def _imported(stack: Stack, archive: bytes, **query: str | bool) -> ImportedCollection:
    answer = _import(stack, archive, **query)
    assert answer.status_code == 201, answer.text
    return ImportedCollection.model_validate(answer.json())


def _contents(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {each.name: file.read() for each in tar if (file := tar.extractfile(each))}


def _records(archive: bytes, kind: str) -> list[dict[str, object]]:
    parts = [content for name, content in _contents(archive).items() if name.startswith(kind)]
    return [orjson.loads(line) for part in parts for line in part.splitlines()]


def _manifest(archive: bytes) -> ArchiveManifest:
    return ArchiveManifest.model_validate_json(_contents(archive)["manifest.json"])


def _stored(stack: Stack, collection: str) -> list[tuple[str, dict[str, object], object]]:
    """Every chunk with its vectors, apart from whose it is."""
    points = stack.index().scroll(collection, limit=10_000, with_payload=True, with_vectors=True)[0]
    chunks = [dict(point.payload or {}) for point in points]
    found = [
        (f"{chunk['source']} {chunk['index']:04}", {k: v for k, v in chunk.items() if k not in _OWN}, point.vector)
        for chunk, point in zip(chunks, points, strict=True)
    ]
    return sorted(found, key=lambda each: each[0])


def _get(stack: Stack, path: str) -> dict[str, object]:
    with stack.corpus() as http:
        answer = http.get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def _rows(stack: Stack, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(stack.home / "db" / "corpus.sqlite")) as ledger:
        return ledger.execute(query).fetchall()


def _blobs(stack: Stack) -> set[str]:
    return {path.name for path in (stack.home / "files").glob("??/*")}


def _nothing_left(stack: Stack, name: str) -> bool:
    with stack.corpus() as http:
        unknown = http.get(f"/api/collections/{name}").status_code == 404
    ledger = _rows(stack, f"SELECT id FROM collections WHERE name = '{name}'")  # noqa: S608
    files = _rows(stack, "SELECT id FROM files WHERE purpose = 'importing'")
    index = stack.index().collection_exists(f"{name}--v1") or stack.index().collection_exists(name)
    incoming = list((stack.home / "files" / "incoming").iterdir())
    return unknown and not ledger and not files and not index and not incoming


def _filled(stack: Stack, name: str, contents: dict[str, bytes]) -> None:
    stack.create(name, attributes={"owner": "us"}, chunking={"chunker": "sentence", "max_tokens": 128})
    assert stack.ingest(name, contents).done == len(contents)


def test_a_copy_beside_the_original_is_the_same_and_lives_on_its_own(stack: Stack) -> None:
    contents = {**library(5), "mirror/book-1.md": library(2)["library/book-1.md"]}
    _filled(stack, "papers", contents)
    archive = _export(stack, "papers")
    asked, originals = stack.texts_embedded(), _blobs(stack)

    imported = _imported(stack, archive, name="copy")

    assert stack.texts_embedded() - asked <= 1, "an import embedded documents"
    assert _blobs(stack) == originals
    assert (imported.documents, imported.originals, imported.kept_ids) == (6, 5, False)
    assert imported.collection.name == "copy"
    assert imported.collection.attributes == {"owner": "us"}
    assert imported.collection.chunking is not None
    assert _stored(stack, "copy") == _stored(stack, "papers")
    assert set(stack.points("copy")).isdisjoint(stack.points("papers"))
    same = ("documents", "chunks", "bytes", "copies", "languages", "media_types")
    before, after = (_get(stack, f"/api/collections/{name}/statistics") for name in ("papers", "copy"))
    assert {each: before[each] for each in same} == {each: after[each] for each in same}
    assert stack.ingest("copy", contents).unchanged == 6
    with stack.corpus() as http:
        assert http.post("/api/collections/copy/reconcile").json()["discrepancies"] == []
        listed = http.get("/api/documents", params={"collection": "copy"}).json()["data"]
        owned = next(each for each in listed if each["source"] == "library/book-1.md")
        history = http.get(f"/api/documents/{owned['id']}/history").json()["data"]
        assert [each["status"] for each in history] == ["unchanged", "done"]
        receipt = http.delete("/api/collections/copy").json()["receipt_id"]
        wait_until(lambda: http.get(f"/api/receipts/{receipt}").json()["issued_at"], deadline_s=30, what="the receipt")
        assert http.post(f"/api/receipts/{receipt}/verify").json()["remains"] == []
    assert _blobs(stack) == originals
    assert stack.ingest("papers", contents).unchanged == 6


def test_a_backup_that_replaces_what_was_deleted_has_its_ids(stack: Stack) -> None:
    _filled(stack, "restored", library(3))
    points, archive = stack.points("restored"), _export(stack, "restored")
    with stack.corpus() as http:
        assert http.delete("/api/collections/restored").status_code == 200

    imported = _imported(stack, archive)

    assert imported.kept_ids
    assert set(stack.points("restored")) == set(points)
    assert _imported(stack, archive, name="restored-again").kept_ids is False
    with stack.corpus() as http:  # its originals go with it, though no upload ever brought them
        document = http.get("/api/documents", params={"collection": "restored-again"}).json()["data"][0]
        receipt = http.delete(f"/api/documents/{document['id']}").json()["receipt_id"]
        wait_until(lambda: http.get(f"/api/receipts/{receipt}").json()["issued_at"], deadline_s=30, what="the receipt")
        files = http.get(f"/api/receipts/{receipt}").json()["files"]
    assert [(each["file_id"], each["outcome"]) for each in files] == [(document["file_id"], "bytes_shared")]


def test_documents_that_are_replaced_during_an_export_are_wholly_old_or_wholly_new(stack: Stack) -> None:
    old = library(24)
    new = {source: content.replace(b"many words", b"many new words") for source, content in old.items()}
    _filled(stack, "moving", old)
    job = stack.start_job("moving", new)
    archives = []
    while stack.job(job).status is not JobStatus.COMPLETED:
        archives.append(_export(stack, "moving"))
    archives.append(_export(stack, "moving"))

    for archive in archives:
        documents = {each["number"]: each for each in _records(archive, "documents")}
        words = {number: {"old": 0, "new": 0} for number in documents}
        for each in _records(archive, "chunks"):
            words[each["document"]]["new" if "many new words" in str(each["text"]) else "old"] += 1  # type: ignore[index]
        assert all(0 in counts.values() for counts in words.values()), words
        assert len(documents) + _manifest(archive).left_out_total == 24
    assert _manifest(archives[-1]).left_out_total == 0


def _one_document_more(contents: Members) -> Members:
    return [*contents[:2], (contents[2][0], contents[2][1] + document(2, b"another")), *contents[3:]]


def _chunk_of_nothing(contents: Members) -> Members:
    return [*contents[:3], (contents[3][0], chunk(9)), *contents[4:]]


def _other_dimensions(contents: Members) -> Members:
    return [*contents[:4], (contents[4][0], vector(3)), contents[5]]


def _too_few_chunks(contents: Members) -> Members:
    return [*contents[:2], (contents[2][0], document(1, b"A text.", chunks=2)), *contents[3:]]


def _other_counts(contents: Members) -> Members:
    return [*contents[:5], (contents[5][0], manifest(2))]


def _copy_of_nothing(contents: Members) -> Members:
    return [*contents[:2], (contents[2][0], document(1, b"A text.", copy_of="other.md")), *contents[3:]]


def _nonsense(contents: Members) -> Members:
    return [*contents[:2], (contents[2][0], b"{}\n"), *contents[3:]]


def _originals_of_nobody(contents: Members) -> Members:
    return [*contents[:2], (contents[2][0], document(1, b"another")), *contents[3:]]


@pytest.mark.parametrize(
    "change",
    [
        _one_document_more,
        _chunk_of_nothing,
        _other_dimensions,
        _too_few_chunks,
        _other_counts,
        _copy_of_nothing,
        _nonsense,
        _originals_of_nobody,
    ],
)
def test_what_does_not_fit_together_leaves_nothing(stack: Stack, change: Callable[[Members], Members]) -> None:
    archive = pack(change(members(dimensions=64, name="forged")))
    if change is not _other_dimensions:
        archive = pack([(name, vector(64) if "vectors" in name else content) for name, content in _members(archive)])

    answer = _import(stack, archive)

    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] == "invalid_archive"
    assert _nothing_left(stack, "forged")


def _members(archive: bytes) -> Members:
    return [(name, content) for name, content in _contents(archive).items() if name != "SHA256SUMS"]


def test_what_cannot_be_imported_is_refused_with_the_reason_and_leaves_nothing(stack: Stack) -> None:
    _filled(stack, "refused", library(3))
    archive = _export(stack, "refused")
    damaged = archive.replace(b"many words", b"tiny words", 1)
    header = _contents(archive)["ragworks.json"].replace(b": 64", b": 32").replace(b":64", b":32")
    other = pack([("ragworks.json", header), *_members(archive)[1:]])
    before = _blobs(stack)

    codes = {
        "taken": _import(stack, archive).json()["error"]["code"],
        "damaged": _import(stack, damaged, name="fresh").json()["error"]["code"],
        "truncated": _import(stack, archive[: len(archive) * 2 // 3], name="fresh").json()["error"]["code"],
        "model": _import(stack, other, name="fresh").json()["error"]["code"],
        "name": _import(stack, archive, name="../x").status_code,
    }

    assert codes == {
        "taken": "collection_exists",
        "damaged": "archive_damaged",
        "truncated": "archive_truncated",
        "model": "embedding_model_mismatch",
        "name": 400,
    }
    assert _nothing_left(stack, "fresh")
    assert _blobs(stack) == before
    anew = _imported(stack, other, name="fresh", re_embed=True)
    assert (anew.chunks, len(anew.jobs)) == (0, 1)
    assert stack.finished(anew.jobs[0]).done == 3
    assert [each[:2] for each in _stored(stack, "fresh")] == [each[:2] for each in _stored(stack, "refused")]


def test_a_killed_import_is_removed_by_itself(stack: Stack) -> None:
    _filled(stack, "killed", {f"{number}.md": chapters(f"killed book {number}") for number in range(20)})
    archive = _export(stack, "killed")
    with stack.corpus() as http:
        http.delete("/api/collections/killed")
    wait_until(lambda: not _blobs_of(stack, archive), deadline_s=30, what="the originals to go")

    documents = archive.index(b"manifest.json\0")

    def killed_before_the_end() -> Generator[bytes]:
        yield archive[:documents]
        query = "SELECT id FROM documents WHERE collection_id = (SELECT id FROM collections WHERE name = 'killed')"
        wait_until(lambda: _rows(stack, query), deadline_s=30, what="documents to be in the ledger")
        wait_until(lambda: stack.points("killed--v1"), deadline_s=30, what="points to be in the index")
        with stack.corpus() as http:  # nobody sees them
            assert http.get("/api/collections/killed").status_code == 404
            purposes = {each["purpose"] for each in http.get("/v1/files").json()["data"]}
        assert "importing" not in purposes
        stack.kill("corpus")
        yield archive[documents:]

    with stack.corpus() as http, pytest.raises(httpx2.TransportError):
        http.post("/api/imports", content=killed_before_the_end())
    stack.start("corpus")

    wait_until(lambda: _nothing_left(stack, "killed"), deadline_s=60, what="the import to be removed")
    assert not _blobs_of(stack, archive)
    assert _imported(stack, archive).documents == 20


def _blobs_of(stack: Stack, archive: bytes) -> set[str]:
    return _blobs(stack) & {Path(name).name for name in _contents(archive) if name.startswith("originals")}


def test_the_command_exports_checks_and_imports_through_the_gateway(stack: Stack, tmp_path: Path) -> None:
    _filled(stack, "by-command", library(3))
    file = tmp_path / "by-command.tar"

    exported = _ragworks(stack, "export", "by-command", str(file), "--json")
    again = _ragworks(stack, "export", "by-command", str(file))
    checked = _ragworks(stack, "check-archive", str(file))
    imported = _ragworks(stack, "import", str(file), "--name", "from-file", "--json")
    taken = _ragworks(stack, "import", str(file), "--name", "from-file")
    file.write_bytes(file.read_bytes()[:-2000])
    cut = _ragworks(stack, "import", str(file), "--name", "from-cut-file")

    assert (exported.returncode, orjson.loads(exported.stdout)["documents"]) == (0, 3), exported.stderr
    assert (again.returncode, "--force" in again.stderr) == (1, True)
    assert (checked.returncode, "complete and unchanged" in checked.stdout) == (0, True)
    assert (imported.returncode, orjson.loads(imported.stdout)["documents"]) == (0, 3), imported.stderr
    assert (taken.returncode, "already" in taken.stderr) == (1, True)
    assert (cut.returncode, "breaks off" in cut.stderr or "no SHA256SUMS" in cut.stderr) == (1, True)
    assert _stored(stack, "from-file") == _stored(stack, "by-command")
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def _ragworks(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.frontend.cli", "collections", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env={**stack.env, "PATH": ""}, capture_output=True, text=True, check=False, timeout=60
    )
