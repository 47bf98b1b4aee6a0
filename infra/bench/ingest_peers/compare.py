"""The same files through Ragworks, LlamaIndex and Haystack: cold, then again with nothing changed."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.bench.figures import Figure, Section
from infra.bench.ingest_peers.figures_of_run import Run
from infra.bench.ingest_peers.ragworks_processes import running_platform

_HERE = Path(__file__).parent
_COLD_TARGET, _AGAIN_TARGET, _EMBEDDER_TARGET = 2, 10, 0.9
_PEER_LIMIT_S = 1_800
_OURS = "Ragworks"
_NOTES = """\
Model: all-MiniLM-L6-v2, which reads 256 tokens. Ragworks serves it with OpenVINO ({precision}), its peers run it with \
PyTorch (fp32).
LlamaIndex's default chunks have 1,024 tokens: the model reads a quarter of them, and the rest is not found by meaning.
Imports and loading models are not counted: a service does them once. Ragworks' figures are of all its processes, the \
command that sends the files included.\
"""


@dataclass(frozen=True)
class Peers:
    """Where the other pipelines' Python is, and the model all of them embed with."""

    python: Path
    model: Path


def compare(folder: Path, scratch: Path, peers: Peers, *, origin: str) -> list[Section]:
    """A table for the cold runs and one for the repeated ones."""
    with running_platform(scratch / "home") as platform:
        platform.ingest(_first_documents(folder, scratch / "first"), collection="first")
        ours = platform.ingest(folder, collection="bench"), platform.ingest(folder, collection="bench")
    kept = _llamaindex(peers, folder, scratch / "llamaindex")
    unchanged = _llamaindex(peers, folder, scratch / "llamaindex")
    whole = _llamaindex(peers, folder, scratch / "llamaindex-256", "256")
    haystack = _run(peers, "peer_haystack.py", folder)
    cold = {
        _OURS: ours[0],
        "LlamaIndex": kept,
        "LlamaIndex, 256-token chunks": whole,
        "Haystack": haystack["cold"],
    }
    again = {_OURS: ours[1], "LlamaIndex": unchanged, "Haystack": haystack["again"]}
    return [
        _section("Whole ingest, cold", cold, _COLD_TARGET, [f"{origin}.", *_notes(peers.model)]),
        _section("Whole ingest, nothing changed", again, _AGAIN_TARGET, []),
    ]


def _first_documents(folder: Path, target: Path) -> Path:
    """A file of each kind: parsers start, and models are read, at the first one."""
    target.mkdir()
    for suffix in (".pdf", ".html"):
        smallest = min(folder.glob(f"*{suffix}"), key=lambda path: path.stat().st_size)
        shutil.copyfile(smallest, target / smallest.name)
    return target


def _llamaindex(peers: Peers, folder: Path, store: Path, *arguments: str) -> Run:
    store.mkdir(exist_ok=True)
    return _run(peers, "peer_llamaindex.py", folder, store, *arguments)["run"]


def _run(peers: Peers, script: str, folder: Path, *arguments: object) -> dict[str, Run]:
    """Run a peer with its own Python; what it reports."""
    command = [str(part) for part in (peers.python, _HERE / script, folder, peers.model.resolve(), *arguments)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False", "DO_NOT_TRACK": "1"}
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=_PEER_LIMIT_S, cwd=_HERE
    )
    if ended.returncode:
        raise SystemExit(f"{script} failed: {ended.stderr.strip()[-1500:]}")
    return {name: Run(**run) for name, run in json.loads(ended.stdout.strip().splitlines()[-1]).items()}


def _section(title: str, runs: Mapping[str, Run], target: float, notes: list[str]) -> Section:
    ours = runs[_OURS].per_cpu_s
    figures: list[Figure] = []
    for name, run in runs.items():
        figures.append(Figure(f"{name}: documents", "1/CPU-s", value=run.per_cpu_s))
        figures += _details(run)
        if name == _OURS and target == _COLD_TARGET:
            share = run.embedder_cpu_s / run.cpu_s
            wanted = f"≥ {100 * _EMBEDDER_TARGET:.0f} %"
            figures.append(
                Figure("· of it the embedder", "%", value=100 * share, target=wanted, met=share >= _EMBEDDER_TARGET)
            )
        if name != _OURS:
            times = ours / run.per_cpu_s
            figures.append(
                Figure(f"· Ragworks against {name}", "times", value=times, target=f"≥ {target}", met=times >= target)
            )
    return Section(title, figures, notes)


def _notes(model: Path) -> list[str]:
    precision = json.loads((model / "ragworks-model.json").read_text(encoding="utf-8"))["precision"]
    return _NOTES.format(precision=precision).splitlines()


def _details(run: Run) -> list[Figure]:
    return [
        Figure("· documents", "", value=run.documents),
        Figure("· chunks", "", value=run.chunks),
        Figure("· processor time", "s", value=run.cpu_s),
        Figure("· wall time", "s", value=run.wall_s),
        Figure("· peak memory", "MiB", value=run.peak_rss_mib),
    ]
