"""What an ingest needs, as real processes that a test can kill and start again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx2
from openai import OpenAI
from qdrant_client import QdrantClient

from services.shared.contracts.corpus import Job
from services.shared.contracts.versions import CollectionVersion
from tests.forked import ServiceProcess
from tests.integration.ingest.hashing_inference import DIGEST_BYTES, EMBEDDED
from tests.processes import REPOSITORY, free_port, start_process, stop_process, wait_ready, wait_until
from tests.signed import INTERNAL_KEY, Signed

_MODULES = {
    "vectordb": "services.vectordb",
    "inference": "tests.integration.ingest.hashing_inference",
    "corpus": "services.corpus",
    "ingest": "pipelines.ingest",
}
_VECTORDB_KEY = "the vector database's key in tests"
_START_S = 180  # the embedding server loads its model, on a machine that may be busy
_JOB_S = 180


@dataclass
class Stack:
    """The processes, by name, and ways to speak to them."""

    home: Path
    env: dict[str, str]
    modules: Mapping[str, str]
    processes: dict[str, ServiceProcess] = field(default_factory=dict[str, ServiceProcess])
    changed: set[str] = field(default_factory=set[str])
    """Processes that run with settings of one test's own."""

    def url(self, name: str) -> str:
        return self.env[f"RAGWORKS_{name.upper()}_URL"]

    def start(self, *names: str, **extra: str) -> None:
        """Start processes and wait until they are ready."""
        for name in names:
            self.launch(name, **extra)
        for name in names:
            self.await_ready(name)

    def launch(self, name: str, *, module: str | None = None, **extra: str) -> None:
        """Start a process, perhaps of another module than usual, and do not wait for it."""
        self.processes[name] = start_process(module or self.modules[name], {**self.env, **extra})
        self.changed = self.changed | {name} if extra or module else self.changed - {name}

    def await_ready(self, name: str) -> None:
        """Return when a started process is ready."""
        # Inference calls itself ready when it has a model engine, which no ingest needs.
        check = "healthz" if name == "inference" else "readyz"
        wait_ready(f"{self.url(name)}/{check}", _START_S, process=self.processes[name])

    def as_usual(self) -> Self:
        """The stack with every process running and as it always is, whatever the test before did to it."""
        for name in self.changed & self.processes.keys():
            self.stop(name)
        self.start(*(name for name in self.modules if name not in self.processes))
        return self

    def kill(self, name: str) -> None:
        """SIGKILL: the process gets no chance to tidy up."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self, *names: str) -> None:
        for name in names or tuple(self.processes):
            stop_process(self.processes.pop(name))

    def corpus(self, *, principal: str | None = "key:tester") -> httpx2.Client:
        """A client of the corpus service's own API."""
        auth = Signed("corpus", principal=principal)
        return httpx2.Client(base_url=self.url("corpus"), auth=auth, timeout=60)

    def openai(self) -> OpenAI:
        """The official client, its requests signed."""
        http = httpx2.Client(auth=Signed("corpus"), timeout=60)
        return OpenAI(base_url=f"{self.url('corpus')}/v1", api_key="unused", http_client=http, max_retries=0)

    def index(self) -> QdrantClient:
        """The vector database, without our own code in between."""
        return QdrantClient(url=self.url("vectordb"), api_key=_VECTORDB_KEY, check_compatibility=False)

    def texts_embedded(self) -> int:
        """How many texts the embedding model was asked for."""
        with httpx2.Client(base_url=self.url("inference"), auth=Signed("inference")) as http:
            return int(http.get("/asked").json()["texts"])

    def texts_logged(self) -> int:
        """How many texts were embedded since the stack was made, whatever was killed meanwhile."""
        path = self.home / EMBEDDED
        return path.stat().st_size // DIGEST_BYTES if path.exists() else 0

    def embedded_texts(self) -> list[bytes]:
        """Digests of the texts that were embedded, in order."""
        path = self.home / EMBEDDED
        stored = path.read_bytes() if path.exists() else b""
        return [stored[start : start + DIGEST_BYTES] for start in range(0, len(stored), DIGEST_BYTES)]

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file; its id."""
        with self.corpus() as http:
            form = {"purpose": "assistants"}
            answer = http.post("/v1/files", files={"file": (name, content)}, data=form)
            assert answer.status_code == 200, answer.text
            return str(answer.json()["id"])

    def create(self, collection: str, **fields: object) -> None:
        """Make a collection."""
        with self.corpus() as http:
            answer = http.post("/api/collections", json={"name": collection, **fields})
            assert answer.status_code == 201, answer.text

    def start_job(self, collection: str, contents: dict[str, bytes]) -> str:
        """Upload the contents and start a job over them, by source name; its id."""
        documents = [
            {"file_id": self.upload(Path(source).name, content), "source": source}
            for source, content in contents.items()
        ]
        with self.corpus() as http:
            answer = http.post("/api/jobs", json={"collection": collection, "documents": documents})
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

    def job(self, job_id: str) -> Job:
        """The job as it stands."""
        with self.corpus() as http:
            answer = http.get(f"/api/jobs/{job_id}")
            assert answer.status_code == 200, answer.text
            return Job.model_validate(answer.json())

    def finished(self, job_id: str) -> Job:
        """The job, once it has ended."""
        wait_until(lambda: self.job(job_id).finished_at is not None, deadline_s=_JOB_S, what=f"{job_id} to end")
        return self.job(job_id)

    def ingest(self, collection: str, contents: dict[str, bytes]) -> Job:
        """A whole job."""
        return self.finished(self.start_job(collection, contents))

    def versions(self, collection: str) -> dict[int, CollectionVersion]:
        """The collection's versions by number."""
        with self.corpus() as http:
            answer = http.get(f"/api/collections/{collection}/versions")
            assert answer.status_code == 200, answer.text
            found = [CollectionVersion.model_validate(each) for each in answer.json()["data"]]
        return {each.number: each for each in found}

    def becomes_active(self, collection: str, number: int) -> None:
        """Wait until the version is the active one: a little after its job has ended."""
        what = f"version {number} of {collection} to become the active one"
        wait_until(lambda: self.versions(collection)[number].active, deadline_s=120, what=what)

    def points(self, collection: str) -> dict[str, dict[str, object]]:
        """Every point of the collection: id to payload."""
        with_everything = self.index().scroll(collection, limit=10_000, with_payload=True)[0]
        return {str(point.id): dict(point.payload or {}) for point in with_everything}

    def points_of(self, collection: str, source: str) -> dict[str, dict[str, object]]:
        """The points of one document."""
        return {key: value for key, value in self.points(collection).items() if value["source"] == source}


def new_stack(home: Path, **modules: str) -> Stack:
    """A stack with a home and ports of its own; nothing is started yet. `modules` are other than the usual ones."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(REPOSITORY / "var" / "models")
    names = ("vectordb", "inference", "corpus", "ingest", "embedding", "gateway")
    env = {f"RAGWORKS_{name.upper()}_URL": f"http://127.0.0.1:{free_port()}" for name in names}
    env |= {
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_VECTORDB_KEY": _VECTORDB_KEY,
        "RAGWORKS_ENGINE_KEY": "no engine here",
        "RAGWORKS_INGEST_SWEEP_INTERVAL_S": "0.5",
        "RAGWORKS_HASHING_SECONDS_PER_TEXT": "0.01",
        "RAGWORKS_RECEIPTS_COVER_ANSWERS": "false",  # no orchestrator runs
    }
    return Stack(home, env, {**_MODULES, **modules})
