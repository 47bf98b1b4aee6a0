"""Work for the platform that never ends by itself: documents come, change, go, are synced and rebuilt."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.material import changed
from tests.chaos.patient import Patient

UPLOADED, SYNCED = "chaos", "chaos-synced"
_ADDED, _EQUAL, _DELETED = 12, 4, 3
_WRITTEN, _UNLINKED, _RENAMED = 25, 4, 4
_MOST_JOBS = 2
_CHUNKINGS = (
    {"chunker": "sentence", "max_tokens": 160, "overlap_tokens": 16},
    {"chunker": "structure", "max_tokens": 256, "overlap_tokens": 32},
)


@dataclass
class Work:
    """Gives one step of work after the other, and notes what must be there in the end."""

    patient: Patient
    documents: dict[str, bytes]
    folder: Path
    chance: random.Random
    uploaded: dict[str, bytes] = field(default_factory=dict[str, bytes])
    synced: dict[str, bytes] = field(default_factory=dict[str, bytes])
    steps: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def truths(self) -> dict[str, dict[str, bytes]]:
        """What each collection must hold."""
        return {UPLOADED: self.uploaded, SYNCED: {str(self.folder / key): it for key, it in self.synced.items()}}

    def begin(self) -> None:
        """Make the collections and the source, and have a third of the documents ingested into each."""
        stack = self.patient.stack
        for name in (UPLOADED, SYNCED):
            stack.create(name)
        self.folder.mkdir(parents=True)
        body = {"name": SYNCED, "collection": SYNCED, "config": {"kind": "folder", "path": str(self.folder)}}
        self.patient.ask(lambda http: http.post("/api/sources", json=body), also=frozenset({"source_exists"}))
        third = len(self.documents) // 3
        self._upload(third)
        self._sync(third)

    def step(self) -> bool:
        """The next piece of work; False, and nothing done, when there is more than enough of it."""
        kinds = {"jobs": self._upload, "syncs": self._sync, "deletions": self._delete, "versions": self._rebuild}
        kind = self.chance.choices(list(kinds), weights=(4, 4, 2, 1))[0]
        done = kinds[kind]()
        self.steps[kind] = self.steps.get(kind, 0) + done
        return done

    def _upload(self, count: int = _ADDED) -> bool:
        jobs = self.patient.get("/api/jobs", collection=UPLOADED, limit=20)["data"]
        if sum(job["finished_at"] is None for job in jobs) >= _MOST_JOBS:
            return False
        contents = {name: self._next(self.uploaded, name) for name in self._some(self.documents, count)}
        texts = [name for name in contents if name.endswith(".py")]
        equals = [*(self.uploaded[name] for name in self.uploaded if name.endswith(".py")), *map(contents.get, texts)]
        for name in self._some(dict.fromkeys(texts, b""), _EQUAL):
            contents[name] = self.chance.choice([each for each in equals if each is not None])
        self.patient.ingest(UPLOADED, contents)
        self.uploaded.update(contents)
        return True

    def _delete(self) -> bool:
        listed = {str(each["source"]): str(each["id"]) for each in self._listed(UPLOADED)}
        doomed = self._some(dict.fromkeys(listed, b""), _DELETED)
        for source in doomed:
            path = f"/api/documents/{listed[source]}"
            gone = frozenset({"document_not_found"})  # done before, and the answer was lost
            self.patient.ask(lambda http, path=path: http.delete(path), also=gone)
            self.uploaded.pop(source, None)
        return bool(doomed)

    def _sync(self, count: int = _WRITTEN) -> bool:
        newest = self.patient.get(f"/api/sources/{SYNCED}/syncs", limit=1)["data"]
        if newest and newest[0]["finished_at"] is None:
            return False
        for key in self._some(self.documents, count):
            self._write(key, self._next(self.synced, key))
        for key in self._some(self.synced, _UNLINKED):
            (self.folder / key).unlink()
            del self.synced[key]
        for key in self._some(self.synced, _RENAMED):
            path = self.folder / key
            new = path.with_name(f"renamed-{self.chance.randrange(10**6)}{path.suffix}")
            path.rename(new)
            self.synced[new.relative_to(self.folder).as_posix()] = self.synced.pop(key)
        running = frozenset({"sync_running"})  # begun before, and the answer was lost
        self.patient.ask(
            lambda http: http.post(f"/api/sources/{SYNCED}/sync", json={"allow_deletes": True}), also=running
        )
        return True

    def _rebuild(self) -> bool:
        name = self.chance.choice((UPLOADED, SYNCED))
        versions = self.patient.get(f"/api/collections/{name}/versions")["data"]
        if any(version["switching"] for version in versions):
            return False
        gone = frozenset({"version_not_found", "version_active"})
        for version in versions:
            if not version["active"]:
                path = f"/api/collections/{name}/versions/{version['number']}"
                self.patient.ask(lambda http, path=path: http.delete(path), also=gone)
        chunking = _CHUNKINGS[max(version["number"] for version in versions) % 2]
        another = frozenset({"version_being_built"})
        self.patient.ask(
            lambda http: http.post(f"/api/collections/{name}/versions", json={"chunking": chunking}), also=another
        )
        return True

    def _next(self, truth: dict[str, bytes], name: str) -> bytes:
        """The document as it is, the first time, and changed when it is known."""
        return self.documents[name] if name not in truth else changed(name, truth[name], self.chance, self.documents)

    def _write(self, key: str, content: bytes) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.synced[key] = content

    def _listed(self, collection: str) -> list[dict[str, object]]:
        return self.patient.all("/api/documents", collection=collection)

    def _some(self, names: dict[str, bytes], count: int) -> list[str]:
        return self.chance.sample(sorted(names), min(count, len(names)))
