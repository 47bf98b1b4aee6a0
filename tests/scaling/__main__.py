"""Ingests the same documents without Ray and with one and two Ray workers, and prints documents per second.

Embedding is a stand-in that takes a set time for each text and no processor, as an endpoint elsewhere would: on one
machine a real model would compete with the workers for the same processors. Everything else is the real thing.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.shared.contracts.corpus import Job, JobStatus
from tests.integration.ingest.corpora import library
from tests.integration.ingest.ray_cluster import ACCESS, ray_cluster
from tests.integration.ingest.stack import Stack, new_stack
from tests.processes import free_port, starts, wait_until

_DEADLINE_S = 1800


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.scaling", description=__doc__)
    parser.add_argument("--documents", type=int, default=600, help="how many, of three chunks each (default 600)")
    parser.add_argument("--seconds-per-text", default="0.05", help="time that embedding a chunk takes (default 0.05)")
    arguments = parser.parse_args()
    port, table = (
        free_port(),
        Table("work done by", "documents/s, once begun", "documents/s, the start of workers included"),
    )
    with tempfile.TemporaryDirectory(prefix="ragworks-scaling-") as folder, ray_cluster(port):
        starts.forked = False
        stack = new_stack(Path(folder) / "home")
        stack.env["RAGWORKS_HASHING_SECONDS_PER_TEXT"] = str(arguments.seconds_per_text)
        stack.start("vectordb", "inference", "corpus")
        try:
            for workers in (0, 1, 2):
                table.add_row(*_measured(stack, port, workers, arguments.documents))
        finally:
            stack.stop()
    Console().print(table)


def _measured(stack: Stack, port: int, workers: int, documents: int) -> list[str]:
    on_ray = (
        {"RAGWORKS_RAY_ADDRESS": f"127.0.0.1:{port}", "RAGWORKS_RAY_WORKERS": str(workers), **ACCESS} if workers else {}
    )
    stack.start("ingest", **on_ray)
    name = f"workers-{workers}"
    stack.create(name)
    stack.ingest(name, library(1))  # so that the worker, and its driver of the cluster, have started
    contents = {f"{name}/{source}": content + name.encode() for source, content in library(documents + 1).items()}
    job = stack.start_job(name, contents)
    first = _progressed(stack, job, lambda state: state.done > 0)
    begun = time.monotonic()
    ended = _progressed(stack, job, lambda state: state.finished_at is not None)
    seconds = time.monotonic() - begun
    stack.stop("ingest")
    assert (ended.status, ended.failed) == (JobStatus.COMPLETED, 0), ended
    assert ended.finished_at is not None
    whole = (ended.finished_at - ended.created_at).total_seconds()
    who = f"{workers} Ray worker{'s' if workers > 1 else ''}" if workers else "the ingest worker"
    return [who, f"{(ended.done - first.done) / seconds:.1f}", f"{ended.done / whole:.1f}"]


def _progressed(stack: Stack, job: str, done: Callable[[Job], bool]) -> Job:
    def state() -> Job | None:
        found = stack.job(job)
        return found if done(found) else None

    found = wait_until(state, deadline_s=_DEADLINE_S, what=f"{job} to get on")
    assert found is not None
    return found


if __name__ == "__main__":
    main()
