"""The index builder: `python -m services.vectordb.builder`, started by the owner for one build.

Reads a BuildOrder from standard input, builds the index of a shard's copy, repeats the writes that arrived meanwhile,
and writes a BuildReport to standard output.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

from services.vectordb.adapters.builder_process import BuildOrder, BuildReport
from services.vectordb.adapters.edge_config import edge_config
from services.vectordb.adapters.journal import read_changes, repeat
from services.vectordb.adapters.shard import Shard
from services.vectordb.domain.vectors import VectorSpaces

_PR_SET_PDEATHSIG = 1
_NICENESS = 10
_CATCH_UP_ROUNDS = 5
_INDEX_EVERYTHING_KB = 1


def main() -> None:
    order = BuildOrder.model_validate_json(sys.stdin.buffer.read())
    _die_with(order.owner)
    os.nice(_NICENESS)
    report = build(order)
    sys.stdout.write(f"\n{report.model_dump_json()}")


def build(order: BuildOrder) -> BuildReport:
    """Index the copy, then catch up with the journal as far as it goes without stopping the owner's writers."""
    config = edge_config(
        order.config,
        search_threads=order.search_threads,
        indexing_threads=order.indexing_threads,
        indexing_threshold_kb=_INDEX_EVERYTHING_KB,
    )
    shard = Shard.open(order.shard, config)
    shard.optimize()
    indexed_points = shard.count()
    offset = 0
    for _ in range(_CATCH_UP_ROUNDS):
        before, offset = offset, replay(shard, order.journal, offset, spaces=order.config.spaces)
        if offset == before:
            break
    shard.flush()
    shard.close()
    return BuildReport(indexed_points=indexed_points, journal_offset=offset)


def replay(shard: Shard, journal: Path, offset: int, *, spaces: VectorSpaces) -> int:
    """Repeat the journal's writes from an offset on; returns where it stopped."""
    for change, after in read_changes(journal, offset):
        repeat(shard, change, spaces)
        offset = after
    return offset


def _die_with(owner: int) -> None:
    """A killed owner starts anew from its own shard; a builder that outlived it would fill a folder nobody knows."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != owner:  # it was killed before it could take this process with it
        sys.exit("The owner of the collection is gone.")


if __name__ == "__main__":
    main()
