"""Ingests the same documents without Ray and with one and two Ray workers, and prints documents per second.

Embedding is a stand-in that takes a set time for each text and no processor, as an endpoint elsewhere would: on one
machine a real model would compete with the workers for the same processors. Everything else is the real thing.
"""

import argparse
import tempfile
import time
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
    parser.add_argument("--documents", type=int, default=600, help="how many, of about five chunks each (default 600)")
    parser.add_argument("--seconds-per-text", default="0.02", help="time that embedding a chunk takes (default 0.02)")
    arguments = parser.parse_args()
    port, table = free_port(), Table("work done by", "documents/s", "chunks/s", "until the first document (s)")
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
    started = time.monotonic()
    job = stack.start_job(name, contents)
    wait_until(lambda: stack.job(job).done, deadline_s=_DEADLINE_S, what="the first document")
    first = time.monotonic() - started
    ended = _ended(stack, job)
    stack.stop("ingest")
    assert (ended.status, ended.failed, ended.finished_at is not None) == (JobStatus.COMPLETED, 0, True), ended
    assert ended.finished_at is not None
    seconds = (ended.finished_at - ended.created_at).total_seconds()
    who = f"{workers} Ray worker{'s' if workers > 1 else ''}" if workers else "the ingest worker"
    return [who, f"{ended.done / seconds:.1f}", f"{ended.chunks / seconds:.1f}", f"{first:.1f}"]


def _ended(stack: Stack, job: str) -> Job:
    wait_until(lambda: stack.job(job).finished_at, deadline_s=_DEADLINE_S, what=f"{job} to end")
    return stack.job(job)


if __name__ == "__main__":
    main()
