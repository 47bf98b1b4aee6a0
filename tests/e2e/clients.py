"""Clients of the platform, as its users have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, sleep

import httpx
from openai import OpenAI

from tests.platforms import Platform


def openai_client(platform: Platform) -> OpenAI:
    """The official client, without retries of its own, so that failures are seen."""
    return OpenAI(base_url=f"{platform.url}/v1", api_key=platform.key, max_retries=0, timeout=120)


def http_client(platform: Platform, *, key: str | None = None) -> httpx.Client:
    """A plain HTTP client with the platform's key, or another one."""
    token = platform.key if key is None else key
    return httpx.Client(base_url=platform.url, headers={"authorization": f"Bearer {token}"}, timeout=120)


@dataclass(frozen=True)
class Uploaded:
    """A vector store made for a test, and its files by name."""

    id: str
    name: str
    files: Mapping[str, str]


def upload(client: OpenAI, name: str, documents: Mapping[str, str]) -> Uploaded:
    """A new vector store with these documents, all ingested."""
    store = client.vector_stores.create(name=name)
    files: dict[str, str] = {}
    for filename, text in documents.items():
        file = client.files.create(file=(filename, text.encode()), purpose="assistants")
        done = client.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id, poll_interval_ms=200)
        assert done.status == "completed", done.last_error
        files[filename] = file.id
    return Uploaded(id=store.id, name=store.name or name, files=files)


def eventually(check: object, *, within_s: float, what: str) -> None:
    """Wait until `check()` is true; fail with `what` when it is not in time."""
    assert callable(check)
    deadline = monotonic() + within_s
    while not check():
        assert monotonic() < deadline, f"not within {within_s} s: {what}"
        sleep(0.1)
