"""Killing processes of a running platform while it works."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.e2e.clients import http_client
from tests.platforms import RAGWORKS, Platform, ragworks
from tests.processes import REPOSITORY, wait_until

PARAGRAPHS = 10
_MAY_FAIL_WITH = frozenset({502, 503, 504})


def write_documents(folder: Path, *, count: int, prefix: str) -> list[str]:
    """Documents of several chunks, each with a code word of its own; their sources."""
    folder.mkdir(parents=True)
    for number in range(count):
        word = code_word(prefix, number)
        sections = [
            f"## Part {part} of {word}\n\n"
            + f"The record {word} describes part {part} of an instrument in hall {number}. " * 8
            for part in range(PARAGRAPHS)
        ]
        (folder / f"{word}.md").write_text(f"# Record {word}\n\n" + "\n\n".join(sections))
    return sorted(path.as_posix() for path in folder.iterdir())


def code_word(prefix: str, number: int) -> str:
    """A word that no other document has."""
    return f"{prefix}zq{number:03d}"


def start_ingest(platform: Platform, folder: Path, collection: str) -> subprocess.Popen[str]:
    """`ragworks ingest` in the background."""
    return subprocess.Popen(
        [RAGWORKS, "ingest", str(folder), "--collection", collection, "--json"],
        env={**os.environ, **platform.env},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_running_job(platform: Platform, collection: str) -> None:
    """Return when a job of the collection has begun."""

    def begun() -> bool:
        with http_client(platform) as http:
            jobs = http.get("/api/jobs", params={"collection": collection})
        return jobs.status_code == 200 and any(job["status"] != "queued" for job in jobs.json()["data"])

    wait_until(begun, deadline_s=60, what="the ingest job to begin")


def pid_of(platform: Platform, name: str) -> int | None:
    """The pid of one process of the platform; None while it is away."""
    if name == "supervisord":
        file = platform.home / "run" / "supervisord.pid"
        return int(file.read_text()) if file.exists() and file.read_text().strip() else None
    status = json.loads(ragworks("status", "--json", env=platform.env).stdout)
    return next(service["pid"] for service in status["services"] if service["name"] == name)


def kill(pid: int) -> None:
    """No warning, no clean end."""
    os.kill(pid, signal.SIGKILL)


def engine_processes() -> set[int]:
    """vLLM's inner processes on this machine."""
    return {process.pid for process in psutil.process_iter() if process.name().startswith("VLLM")}


def wait_until_healed(platform: Platform, name: str, *, killed: int, deadline_s: float) -> None:
    """Return when the killed process has a successor and the gateway says that everything is ready."""
    wait_until(lambda: pid_of(platform, name) not in {None, killed}, deadline_s=deadline_s, what=f"a new {name}")

    def ready() -> bool:
        try:
            return httpx.get(f"{platform.url}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(ready, deadline_s=deadline_s, what="the platform to be ready again")


@dataclass
class ChatLoop:
    """Outcomes of questions asked one after the other."""

    answered: int = 0
    unavailable: int = 0
    surprises: list[str] = field(default_factory=list[str])

    def ask(self, platform: Platform, model: str) -> None:
        """One streamed question; a platform that restarts may say so, nothing else may happen."""
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Which hall?"}],
            "max_tokens": 8,
            "stream": True,
        }
        try:
            with http_client(platform) as http, http.stream("POST", "/v1/chat/completions", json=body) as answer:
                text = answer.read().decode()
        except httpx.TransportError:
            self.unavailable += 1
            return
        if answer.status_code in _MAY_FAIL_WITH or '"error"' in text:
            self.unavailable += 1
        elif answer.status_code == 200 and "[DONE]" in text:
            self.answered += 1
        else:
            self.surprises.append(f"{answer.status_code}: {text[:300]}")


@contextmanager
def chatting(platform: Platform, model: str) -> Generator[ChatLoop]:
    """Somebody who asks and asks while the block runs."""
    loop, stop = ChatLoop(), threading.Event()

    def work() -> None:
        while not stop.wait(0.2):
            loop.ask(platform, model)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        stop.set()
        thread.join(timeout=130)
