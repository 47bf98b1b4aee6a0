"""A full disk: refused with a clear message, nothing lost, and it works again when there is space."""

import os
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
    """A file system of its own that is soon full."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_refuses_writes_and_loses_nothing(small_disk: Path) -> None:
    server = Server(small_disk, {"RAGWORKS_VECTORDB_MIN_FREE_BYTES": str(_RESERVE_MB * 1024 * 1024)})
    try:
        server.start()
        client = server.endpoint.client()
        await points.create(client, "c")
        written = await _write_until_refused(client)

        assert await points.all_ids(client, "c") == written
        with pytest.raises(UnexpectedResponse) as refused:
            await points.create(client, "another")
        assert refused.value.status_code == 507
        server.kill()
        server.start()
        client = server.endpoint.client()
        assert await points.all_ids(client, "c") == written

        await client.delete("c", sorted(written)[:5], wait=True)
        await client.delete_collection("c")
        await points.create(client, "c")
        await points.fill(client, "c", 10)
        assert (await client.count("c")).count == 10
    finally:
        server.stop()


async def _write_until_refused(client: AsyncQdrantClient) -> set[int]:
    written: set[int] = set()
    for start in range(0, 10_000, 20):
        ids = range(start, start + 20)
        try:
            await client.upsert("c", points.batch(ids, text=_incompressible(start)), wait=True)
        except UnexpectedResponse as error:
            assert error.status_code == 507
            assert b"No space left" in error.content
            assert b"nothing was written" in error.content
            return written
        written.update(ids)
    raise AssertionError("the disk never filled up")


def _incompressible(seed: int) -> str:
    return random.Random(seed).randbytes(_TEXT_BYTES // 2).hex()
