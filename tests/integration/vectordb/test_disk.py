"""A full disk: refused with a clear message, nothing lost, and it works again when there is space."""

import random
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest
from qdrant_client import AsyncQdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.contract.vectordb.server import Server
from tests.integration.vectordb import points

_DISK_MB = 96
_RESERVE_MB = 32
_TEXT_BYTES = 200_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """An ext4 file system of its own that is soon full.

    Not tmpfs: there the engine's sparse files take their full size as soon as they are opened.
    """
    image, folder = tmp_path / "image", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(_DISK_MB * 1024 * 1024)
    for command in (["mkfs.ext4", "-q", str(image)], ["mount", "-o", "loop", str(image), str(folder)]):
        _run_or_skip(command)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _run_or_skip(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"no {command[0]} here to make a small disk with")
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode().strip()}")


async def test_a_full_disk_refuses_writes_and_loses_nothing(small_disk: Path) -> None:
    server = Server(small_disk, {"RAGWORKS_VECTORDB_MIN_FREE_BYTES": str(_RESERVE_MB * 1024 * 1024)})
    try:
        server.start()
        client = server.endpoint.client()
        await points.create(client, "c")
        written, refusal = await _write_until_refused(client)

        assert refusal.status_code == 507
        assert b"No space left" in refusal.content
        assert b"nothing was written" in refusal.content
        assert await points.all_ids(client, "c") == written
        with pytest.raises(UnexpectedResponse) as refused:
            await points.create(client, "another")
        assert refused.value.status_code == 507
        server.kill()
        server.start()
        client = server.endpoint.client()
        assert await points.all_ids(client, "c") == written

        await client.delete("c", [*sorted(written)[:5]], wait=True)
        await client.delete_collection("c")
        await points.create(client, "c")
        await points.fill(client, "c", 10)
        assert (await client.count("c")).count == 10
    finally:
        server.stop()


async def _write_until_refused(client: AsyncQdrantClient) -> tuple[set[int], UnexpectedResponse]:
    written: set[int] = set()
    for start in range(0, 10_000, 20):
        ids = range(start, start + 20)
        try:
            await client.upsert("c", points.batch(ids, text=_incompressible(start)), wait=True)
        except UnexpectedResponse as error:
            return written, error
        written.update(ids)
    raise AssertionError("the disk never filled up")


def _incompressible(seed: int) -> str:
    generator = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return generator.randbytes(_TEXT_BYTES // 2).hex()
