"""Whole syncs of a Git repository, a web site and a bucket, from real ones on this machine."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fsspec import filesystem
from moto.server import ThreadedMotoServer

from tests.contract.components.sites import web_site
from tests.contract.components.test_sources import git
from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack
from tests.integration.sources.conftest import S3_KEY, S3_SECRET
from tests.integration.sources.desk import SourceClient, counts, write
from tests.processes import free_port, wait_until

Put = Callable[[Mapping[str, bytes | None]], None]


@dataclass(frozen=True)
class Place:
    """Where documents come from; `put` changes them, None removes."""

    config: dict[str, object]
    put: Put


@contextmanager
def _repository(folder: Path) -> Generator[Place]:
    git(folder, "init", "--quiet", "--initial-branch=main")

    def put(contents: Mapping[str, bytes | None]) -> None:
        write(folder, {name: content for name, content in contents.items() if content is not None})
        for name in (name for name, content in contents.items() if content is None):
            (folder / name).unlink()
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=change")

    yield Place({"kind": "git", "url": str(folder)}, put)


@contextmanager
def _site(_: Path) -> Generator[Place]:
    with web_site({}) as web:

        def put(contents: Mapping[str, bytes | None]) -> None:
            for name, content in contents.items():
                page = 404 if content is None else b"<html><body><h1>Page</h1><p>" + content + b"</p></body></html>"
                web.pages[f"/{name}"] = page
            there = [path for path, page in web.pages.items() if isinstance(page, bytes) and path != "/sitemap.xml"]
            urls = "".join(f"<url><loc>{web.url}{path}</loc></url>" for path in there)
            web.pages["/sitemap.xml"] = (
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
            )

        yield Place({"kind": "web", "url": f"{web.url}/"}, put)


@contextmanager
def _bucket(_: Path) -> Generator[Place]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        credentials = {"key": S3_KEY, "secret": S3_SECRET, "client_kwargs": {"endpoint_url": endpoint}}
        files = filesystem("s3", **credentials, skip_instance_cache=True)
        files.mkdir("papers")

        def put(contents: Mapping[str, bytes | None]) -> None:
            for name, content in contents.items():
                path = f"papers/2026/{name}"
                files.rm_file(path) if content is None else files.pipe_file(path, content)

        yield Place({"kind": "bucket", "url": "s3://papers/2026", "endpoint_url": endpoint}, put)
    finally:
        server.stop()


@pytest.fixture(params=[_repository, _site, _bucket], ids=["git", "web", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    with request.param(tmp_path) as made:
        yield made


@pytest.fixture
def client(stack: Stack, request: pytest.FixtureRequest) -> SourceClient:
    return SourceClient(stack, f"p{abs(hash(request.node.name)) % 10**9}")


def _texts(client: SourceClient) -> dict[str, str]:
    """The text of each document by the last part of its name, as the index has it."""
    found: dict[str, str] = {}
    for point in client.stack.points(client.name).values():
        name = Path(str(point["source"])).name
        found[name] = found.get(name, "") + str(point["text"])
    return found


def test_a_place_is_synced_and_only_what_changed_is_embedded_again(client: SourceClient, place: Place) -> None:
    place.put({name: chapters(f"the first {name}") for name in ("a.md", "b.md", "sub/c.md")})
    client.declare(place.config)
    assert counts(client.sync()) == {"ingested": 3}
    asked = client.stack.texts_embedded()
    assert counts(client.sync()) == {"unchanged": 3}
    assert client.stack.texts_embedded() == asked

    place.put({"a.md": chapters("another a"), "b.md": None, "sub/d.md": chapters("something new")})
    sync = client.start()
    client.stack.kill("ingest")
    client.stack.start("ingest")

    assert counts(client.ended(sync)) == {"ingested": 2, "unchanged": 1, "deleted": 1}
    wait_until(lambda: _texts(client).keys() == {"a.md", "c.md", "d.md"}, deadline_s=30, what="the vanished to go")
    texts = _texts(client)
    assert "another a" in texts["a.md"]
    assert "the first a.md" not in texts["a.md"]
    assert "the first sub/c.md" in texts["c.md"]
    assert "something new" in texts["d.md"]
    assert set(client.items()) == {item.key for item in client.items().values() if item.reason is None}
