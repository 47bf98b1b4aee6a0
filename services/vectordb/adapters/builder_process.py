"""The index builder seen from both sides: what it is told, what it reports, and how it is run.

The engine holds the interpreter's lock for the whole of a build (minutes), so a build in the owner would stop every
request; it runs in a process of its own, on a copy of the shard.
"""

import asyncio
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from services.vectordb.domain.configuration import CollectionConfig
from services.vectordb.errors import EngineError

BUILDER_MODULE = "services.vectordb.builder"


class BuildOrder(BaseModel):
    """What the builder is told on its standard input."""

    model_config = ConfigDict(frozen=True)

    owner: int
    """Process id of who gives the order; the builder ends with it."""
    shard: Path
    journal: Path
    config: CollectionConfig
    indexing_threads: int
    search_threads: int


class BuildReport(BaseModel):
    """What the builder says in the last line of its standard output."""

    model_config = ConfigDict(frozen=True)

    indexed_points: int
    journal_offset: int


async def run_builder(order: BuildOrder) -> BuildReport:
    """Run a build to its end. Cancelling kills the builder.

    Raises:
        EngineError: the builder failed; the message has its last words.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        BUILDER_MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, complaint = await process.communicate(order.model_dump_json().encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last_words = complaint.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise EngineError(f"the index builder ended with status {process.returncode}: {last_words}")
    return BuildReport.model_validate_json(output.rsplit(b"\n", 1)[-1])
