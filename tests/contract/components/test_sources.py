"""What every reader of a source does, and what each refuses."""

import subprocess
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import fsspec
import pytest

from services.shared.components.sources.protocol import (
    Item,
    ItemError,
    SourceError,
    SourceReader,
    State,
    StoredFile,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.registry import open_reader
from services.shared.contracts.sources import (
    BucketSource,
    FilesSource,
    FolderSource,
    GitSource,
    ListedSource,
    WebSource,
)
from tests.contract.components.sites import web_site

CONTENTS = {"a.md": b"alpha", "sub/b.md": b"bravo", "c.md": b"charlie"}


@dataclass
class Place:
    """A source's place in the world: its config, and how to change what is there."""

    config: ListedSource
    around: Surroundings
    put: Callable[[Mapping[str, bytes | None]], None]


def surroundings(tmp_path: Path, **changes: object) -> Surroundings:
    async def no_files(ids: list[str]) -> Mapping[str, StoredFile]:
        return {}

    usual = Surroundings(
        folders=(tmp_path,),
        forbidden=tmp_path / "home",
        cache=tmp_path / "home" / "sources",
        private_addresses=True,
        max_bytes=1_000_000,
        timeout_s=10,
        files=no_files,
    )
    return replace(usual, **changes)  # type: ignore[arg-type] - the fields' own types


@contextmanager
def _folder(tmp_path: Path) -> Generator[Place]:
    root = tmp_path / "files"
    root.mkdir()

    def put(contents: Mapping[str, bytes | None]) -> None:
        for name, content in contents.items():
            path = root / name
            path.parent.mkdir(exist_ok=True)
            path.unlink() if content is None else path.write_bytes(content)

    yield Place(FolderSource(path=str(root)), surroundings(tmp_path), put)


def git(folder: Path, *arguments: str) -> None:
    """Run Git as somebody who commits."""
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@contextmanager
def _git(tmp_path: Path) -> Generator[Place]:
    with _folder(tmp_path) as folder:
        root = tmp_path / "files"
        git(root, "init", "--quiet", "--initial-branch=main")

        def put(contents: Mapping[str, bytes | None]) -> None:
            folder.put(contents)
            git(root, "add", "--all")
            git(root, "commit", "--quiet", "--message=change")

        yield Place(GitSource(url=str(root)), folder.around, put)


@contextmanager
def _bucket(tmp_path: Path) -> Generator[Place]:
    files = fsspec.filesystem("memory")
    root = f"/{tmp_path.name}"

    def put(contents: Mapping[str, bytes | None]) -> None:
        for name, content in contents.items():
            if content is None:
                files.rm(f"{root}/{name}")
            else:
                files.pipe_file(f"{root}/{name}", content)

    yield Place(BucketSource(url=f"memory:/{root}"), surroundings(tmp_path), put)


@contextmanager
def _web(tmp_path: Path) -> Generator[Place]:
    with web_site({}) as web:

        def put(contents: Mapping[str, bytes | None]) -> None:
            for name, content in contents.items():
                web.pages[f"/{name}"] = 404 if content is None else content
            there = [path for path, page in web.pages.items() if isinstance(page, bytes) and path.endswith(".md")]
            web.pages["/"] = "".join(f'<a href="{path}">x</a>' for path in there).encode()

        yield Place(WebSource(url=f"{web.url}/"), surroundings(tmp_path), put)


@pytest.fixture(params=[_folder, _git, _bucket, _web], ids=lambda make: make.__name__.strip("_"))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    with request.param(tmp_path) as made:
        yield made


@pytest.fixture
async def reader(place: Place) -> AsyncGenerator[SourceReader]:
    opened = open_reader("src_1", place.config, place.around)
    yield opened
    await opened.close()


async def nothing_known(_: str) -> State | None:
    return None


async def listed(reader: SourceReader) -> dict[str, Item]:
    """The items by the end of their keys; the first page of a site is not what a test put there."""
    found = [item async for item in reader.list(nothing_known)]
    names = {item.key: item for item in found if isinstance(item, Item) and not item.key.endswith("/")}
    return {next(name for name in (*CONTENTS, key) if key.endswith(name)): item for key, item in names.items()}


async def content_of(reader: SourceReader, item: Item) -> bytes:
    async with reader.fetch(replace(item, state=None)) as content:  # as of something the platform has not yet
        assert content is not None
        return b"".join([block async for block in content.chunks])


async def test_items_are_listed_and_fetched(place: Place, reader: SourceReader) -> None:
    place.put(CONTENTS)
    items = await listed(reader)

    assert {name: await content_of(reader, item) for name, item in items.items()} == CONTENTS
    assert len({item.source for item in items.values()}) == len(CONTENTS)


async def test_only_what_changed_has_another_fingerprint(place: Place, reader: SourceReader) -> None:
    place.put(CONTENTS)
    before = {name: item.fingerprint for name, item in (await listed(reader)).items()}
    place.put({"c.md": b"charlie, who is longer now"})
    after = {name: item.fingerprint for name, item in (await listed(reader)).items()}

    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {"c.md"}


async def test_what_is_removed_is_not_listed_any_more(place: Place, reader: SourceReader) -> None:
    place.put(CONTENTS)
    await listed(reader)
    place.put({"a.md": None})

    assert set(await listed(reader)) == {"sub/b.md", "c.md"}


async def test_an_item_over_the_limit_is_refused(place: Place) -> None:
    place.put({"a.md": b"x" * 5_000, "c.md": b"small"})
    small = open_reader("src_2", place.config, replace(place.around, max_bytes=4_000))
    items = await listed(small)
    if isinstance(place.config, WebSource):  # links are in the pages: listing reads them
        found = [item async for item in small.list(nothing_known) if isinstance(item, Unlisted)]
        assert [(item.code, item.hides_more) for item in found] == [("too_large", False)]
    else:
        with pytest.raises(ItemError) as refused:
            await content_of(small, items["a.md"])
        assert refused.value.code == "too_large"
    assert await content_of(small, items["c.md"]) == b"small"
    await small.close()


async def test_a_place_that_is_not_there_is_an_error_and_never_an_empty_listing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    configs: list[ListedSource] = [
        FolderSource(path=str(tmp_path / "missing")),
        GitSource(url=str(tmp_path / "empty")),
        BucketSource(url="memory://missing-bucket"),
        WebSource(url="http://127.0.0.1:9/"),
    ]
    for config in configs:
        with pytest.raises(SourceError):
            await listed(open_reader("src_3", config, surroundings(tmp_path, timeout_s=2)))


@pytest.mark.parametrize(
    ("config", "code"),
    [
        (FolderSource(path="/etc"), "folder_not_allowed"),
        (GitSource(url="/etc"), "folder_not_allowed"),
        (GitSource(url="ext::sh -c id"), "git_url_not_allowed"),
        (GitSource(url="-u./x"), "git_url_not_allowed"),
        (GitSource(url="https://me:secret@example.org/x.git"), "secret_in_url"),
        (GitSource(url="http://127.0.0.1/x.git"), "private_address"),
        (BucketSource(url="file:///etc"), "bucket_url_not_allowed"),
        (BucketSource(url="s3://x/y::file:///etc"), "bucket_url_not_allowed"),
        (BucketSource(url="memory://x", endpoint_url="http://169.254.169.254"), "private_address"),
        (WebSource(url="http://127.0.0.1/"), "private_address"),
        (WebSource(url="http://[::1]/"), "private_address"),
        (WebSource(url="http://localhost/"), "private_address"),
    ],
)
async def test_what_a_source_may_not_reach_is_refused(config: ListedSource, code: str, tmp_path: Path) -> None:
    reader = open_reader("src_4", config, surroundings(tmp_path, private_addresses=False))
    with pytest.raises(SourceError) as refused:
        await listed(reader)
    await reader.close()
    assert refused.value.code == code


async def test_the_platforms_own_state_and_hidden_folders_are_refused(tmp_path: Path) -> None:
    for name in ("home/db", ".ssh", "link"):
        (tmp_path / name).mkdir(parents=True) if name != "link" else (tmp_path / name).symlink_to("/etc")
        with pytest.raises(SourceError, match="RAGWORKS_SOURCES_FOLDERS"):
            await listed(open_reader("src_5", FolderSource(path=str(tmp_path / name)), surroundings(tmp_path)))


async def test_a_folder_leaves_out_links_that_lead_out_and_tells_of_what_cannot_be_read(tmp_path: Path) -> None:
    root = tmp_path / "files"
    root.mkdir()
    (root / "a.md").write_bytes(b"a")
    (root / "inside.md").symlink_to("a.md")
    (root / "outside").symlink_to("/etc/hostname")
    (root / "loop").symlink_to(".")
    (root / "dangling").symlink_to("nowhere")
    (root / "line\nbreak \N{GRINNING FACE}.md").write_bytes(b"b")
    found = [
        item
        async for item in open_reader("s", FolderSource(path=str(root)), surroundings(tmp_path)).list(nothing_known)
    ]

    assert {item.key for item in found if isinstance(item, Item)} == {
        "a.md",
        "inside.md",
        "line\nbreak \N{GRINNING FACE}.md",
    }
    assert [(item.key, item.code) for item in found if isinstance(item, Unlisted)] == [("dangling", "vanished")]


async def test_uploaded_files_are_their_own_content(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"hello")

    async def stored(ids: list[str]) -> Mapping[str, StoredFile]:
        return {"file-1": StoredFile("file-1", "0" * 64, 5, "hello.txt", tmp_path / "blob")}

    reader = open_reader("s", FilesSource(file_ids=["file-1", "file-2"]), surroundings(tmp_path, files=stored))
    found = [item async for item in reader.list(nothing_known)]
    assert isinstance(found[0], Item)
    assert isinstance(found[1], Unlisted)
    assert found[1].code == "file_not_found"
    async with reader.fetch(found[0]) as content:
        assert content is not None
        assert content.file_id == "file-1"


async def test_a_machine_without_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError) as refused:
        await listed(open_reader("src_6", GitSource(url=str(tmp_path)), surroundings(tmp_path)))
    assert refused.value.code == "git_missing"
