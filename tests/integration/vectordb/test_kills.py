"""`kill -9` at any moment: what was acknowledged is there afterwards, and nothing half-done remains."""

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException

from services.vectordb.adapters.builder_process import BUILDER_MODULE, BuildOrder
from services.vectordb.domain.configuration import CollectionConfig
from tests.contract.vectordb.server import MODULE, Server
from tests.integration.vectordb import points
from tests.processes import REPOSITORY

_ROUNDS = 3
_BATCH = 50
_BATCHES_BEFORE_KILL = 8


async def test_no_acknowledged_point_is_lost_when_the_process_is_killed(server: Server) -> None:
    ledger = _Ledger()
    numbers = itertools.count()
    server.start()
    client = server.endpoint.client()
    await points.create(client, "c")
    for _ in range(_ROUNDS):
        writers = [asyncio.create_task(_write(client, numbers, ledger)) for _ in range(2)]
        for _ in range(_BATCHES_BEFORE_KILL):
            await ledger.batches.get()
        server.kill()
        await asyncio.gather(*writers)
        server.start()
        client = server.endpoint.client()

        stored = await points.all_ids(client, "c")
        assert ledger.written - ledger.asked_to_delete <= stored
        assert not ledger.deleted & stored
        assert (await client.count("c")).count == len(stored)
        assert (await client.get_collection("c")).points_count == len(stored)


async def test_collections_and_aliases_survive_kills_and_half_made_ones_disappear(server: Server) -> None:
    server.start()
    client = server.endpoint.client()
    await points.create(client, "kept")
    await points.create(client, "dropped")
    await points.fill(client, "kept", 100)
    alias = models.CreateAlias(collection_name="kept", alias_name="current")
    await client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])
    await client.create_payload_index("kept", "number", models.PayloadSchemaType.INTEGER, wait=True)
    await client.delete_collection("dropped")
    server.kill()
    data = server.home / "vectordb"
    (data / "shards" / "half-made" / "segments").mkdir(parents=True)
    (data / "scratch" / "half-written.tar").write_bytes(b"half")
    (data / "catalogue.json.new").write_bytes(b'{"half')
    server.start()
    client = server.endpoint.client()

    assert [each.name for each in (await client.get_collections()).collections] == ["kept"]
    assert (await client.count("current")).count == 100
    assert "number" in (await client.get_collection("kept")).payload_schema
    assert len(list((data / "shards").iterdir())) == 1
    assert list((data / "scratch").iterdir()) == []


async def test_a_second_owner_is_refused_by_name_and_the_first_goes_on(server: Server) -> None:
    server.start()
    assert server.process is not None
    second = Server(server.home)
    refused = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", MODULE],
        cwd=REPOSITORY,
        env={**os.environ, **second.environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert refused.returncode == 1
    assert f"in use by another process (pid {server.process.pid})" in refused.stderr
    assert (await server.endpoint.client().get_collections()).collections == []


@dataclass
class _Ledger:
    """What the server acknowledged. A delete that was asked for and not acknowledged may have happened or not."""

    written: set[int] = field(default_factory=set[int])
    asked_to_delete: set[int] = field(default_factory=set[int])
    deleted: set[int] = field(default_factory=set[int])
    batches: asyncio.Queue[int] = field(default_factory=asyncio.Queue[int])


async def _write(client: AsyncQdrantClient, numbers: "itertools.count[int]", ledger: _Ledger) -> None:
    """Write batches, and delete the first point of each, until the server is gone."""
    with contextlib.suppress(ResponseHandlingException):
        while True:
            ids = [next(numbers) for _ in range(_BATCH)]
            await client.upsert("c", points.batch(ids), wait=True)
            ledger.written.update(ids)
            ledger.batches.put_nowait(len(ids))
            ledger.asked_to_delete.add(ids[0])
            await client.delete("c", [ids[0]], wait=True)
            ledger.deleted.add(ids[0])


def test_a_builder_whose_owner_is_gone_ends_and_makes_nothing(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    order = BuildOrder(
        owner=gone.pid,
        shard=tmp_path / "shard",
        journal=tmp_path / "journal",
        config=CollectionConfig(),
        indexing_threads=1,
        search_threads=1,
    )
    told = order.model_dump_json().encode()
    ended = subprocess.run(
        [sys.executable, "-m", BUILDER_MODULE], input=told, capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (1, b"The owner of the collection is gone.\n")
    assert list(tmp_path.iterdir()) == []
