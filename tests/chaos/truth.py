"""Compares the store with the truth: document by document, chunk by chunk."""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from services.shared.components.chunkers.registry import build_chunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.parse import parse_document
from services.shared.contracts.chunking import ChunkerName, Chunking
from services.shared.contracts.chunks import chunk_id, document_id
from tests.chaos.patient import Patient
from tests.chaos.watch import Watch

_DEFAULT = Chunking(chunker=ChunkerName.STRUCTURE, max_tokens=256, overlap_tokens=32)
_SCROLLED = 2_000


@dataclass
class Findings:
    """What differs from the truth, in words."""

    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    stuck: list[str] = field(default_factory=list[str])
    orphaned: list[str] = field(default_factory=list[str])
    documents: int = 0
    chunks: int = 0

    @property
    def clean(self) -> bool:
        """Whether there is nothing but the truth."""
        return not (self.lost or self.doubled or self.stuck or self.orphaned)


class Comparison:
    """Knows which chunks a content becomes."""

    def __init__(self, patient: Patient, watch: Watch) -> None:
        self._patient = patient
        self._watch = watch
        tokenizer = patient.stack.home / "models" / "all-MiniLM-L6-v2" / "tokenizer.json"
        self._counter = TokenCounter(tokenizer)
        self._chunks: dict[tuple[str, str, Chunking], int] = {}

    def of_all(self, truths: dict[str, dict[str, bytes]]) -> Findings:
        """All collections with all their versions, and what must not be left over."""
        findings = Findings()
        known: set[str] = set()
        for name, truth in truths.items():
            for version in self._patient.get(f"/api/collections/{name}/versions")["data"]:
                place = self._patient.get(f"/api/collections/{version['collection']}")
                known.add(place["index"])
                self._compare(place, truth, findings)
        self._look_around(known, findings)
        return findings

    def _compare(self, place: dict[str, Any], truth: dict[str, bytes], findings: Findings) -> None:
        name = place["name"]
        listed = self._patient.all("/api/documents", collection=name)
        times = Counter(str(document["source"]) for document in listed)
        findings.doubled += [f"{name}: {source} is listed {n} times" for source, n in times.items() if n > 1]
        findings.lost += [f"{name}: {source} is not there" for source in sorted(truth.keys() - times.keys())]
        findings.orphaned += [f"{name}: {source} should be gone" for source in sorted(times.keys() - truth.keys())]
        by_id = {document["id"]: document for document in listed}
        expected: dict[str, str] = {}
        for document in listed:
            source, content = str(document["source"]), truth.get(str(document["source"]))
            if content is None:
                continue
            version = sha256(content).hexdigest()
            if document["version"] != version:
                findings.lost.append(f"{name}: {source} has another version than its last one")
            owner = by_id.get(document["copy_of"] or "")
            if document["copy_of"] is None:
                expected |= self._points(place, source, content)
            elif owner is None or owner["copy_of"] or truth.get(str(owner["source"])) != content:
                findings.lost.append(f"{name}: {source} refers to a document that is not its equal")
        self._compare_points(place, expected, set(by_id), findings)
        findings.documents += len(listed)
        findings.chunks += len(expected)

    def _compare_points(
        self, place: dict[str, Any], expected: dict[str, str], known: set[str], findings: Findings
    ) -> None:
        name, points = place["name"], self._stored(place["index"])
        lost = Counter(source for point, source in expected.items() if point not in points)
        findings.lost += [f"{name}: {source} lacks {count} chunks" for source, count in lost.items()]
        hidden = Counter(str(points[point]["source"]) for point in expected if points.get(point, {}).get("hidden"))
        findings.lost += [f"{name}: {source} has {count} hidden chunks" for source, count in hidden.items()]
        for point, payload in points.items():
            if point not in expected:
                kind = findings.doubled if payload["document_id"] in known else findings.orphaned
                kind.append(f"{name}: a chunk of {payload['source']} too many")

    def _points(self, place: dict[str, Any], source: str, content: bytes) -> dict[str, str]:
        chunking = Chunking.model_validate(place["chunking"]) if place["chunking"] else _DEFAULT
        version = sha256(content).hexdigest()
        key = (version, PurePath(source).suffix, chunking)
        if key not in self._chunks:
            cut = build_chunker(chunking, self._counter).chunk(parse_document(content, filename=source))
            self._chunks[key] = len(cut)
        document = document_id(place["seed"], source)
        return {str(chunk_id(document, version, index)): source for index in range(self._chunks[key])}

    def _stored(self, index: str) -> dict[str, dict[str, object]]:
        client = self._patient.stack.index()
        found: dict[str, dict[str, object]] = {}
        offset = None
        fields = ["document_id", "source", "hidden"]
        while True:
            points, offset = client.scroll(index, limit=_SCROLLED, offset=offset, with_payload=fields)
            found |= {str(point.id): dict(point.payload or {}) for point in points}
            if offset is None:
                return found

    def _look_around(self, known: set[str], findings: Findings) -> None:
        indexes = {each.name for each in self._patient.stack.index().get_collections().collections}
        findings.orphaned += [f"the index {name} belongs to no version" for name in sorted(indexes - known)]
        questions = {
            "documents whose deletion does not end": "SELECT count(*) FROM documents WHERE deleting",
            "documents whose former chunks stay": "SELECT count(*) FROM documents WHERE stale",
            "attempts that do not end": "SELECT count(*) FROM documents WHERE attempt_status = 'pending'",
            "receipts that are not issued": "SELECT count(*) FROM receipts WHERE issued_at IS NULL",
            "jobs that do not end": "SELECT count(*) FROM jobs WHERE finished_at IS NULL",
            "syncs that do not end": "SELECT count(*) FROM syncs WHERE finished_at IS NULL",
            "aliases that are behind": "SELECT count(*) FROM collections WHERE alias_behind OR switch_to IS NOT NULL",
        }
        for what, query in questions.items():
            (count,) = self._watch.rows(query)[0]
            if count:
                findings.stuck.append(f"{count} {what}")
        on_disk = {path.name for path in (self._patient.stack.home / "files").glob("??/*")}
        recorded = {str(row[0]) for row in self._watch.rows("SELECT sha256 FROM files")}
        findings.lost += [f"the bytes {each} are gone" for each in sorted(recorded - on_disk)]
        findings.orphaned += [f"the bytes {each} belong to no file" for each in sorted(on_disk - recorded)]
