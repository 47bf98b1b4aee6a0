"""Many small files: a first sync of their folder, and another that finds nothing changed."""

from collections.abc import Sequence
from pathlib import Path

from infra.bench.figures import Figure, Section
from infra.bench.ingest_peers.ragworks_processes import running_platform

_WHOLE_SIZE = 20_000
_AGAIN_TARGET_S = 5.0
_MEMORY_TARGET_MIB = 1_500
_CHARS = 160  # a sentence or two: the bookkeeping is what is measured, not the model
_PER_FOLDER = 500


def measure(scratch: Path, texts: Sequence[str], *, files: int) -> Section:
    """Sync a folder of so many files, twice."""
    folder = scratch / "small-files"
    _write(folder, texts, files)
    with running_platform(scratch / "home-many") as platform:
        platform.command("sources", "add", "many", "--collection", "many", "--folder", str(folder))
        with platform.time_left("many") as time_left:
            first, cold = platform.sync("many")
        second, again = platform.sync("many")
    scaled = again.cpu_s * _WHOLE_SIZE / files
    embedded = second["ingested"]
    figures = [
        Figure("files synced at first", "", value=first["ingested"]),
        Figure(
            "· processor time without the embedder", "ms/file", value=1000 * (cold.cpu_s - cold.embedder_cpu_s) / files
        ),
        *time_left.figures(),
        Figure(
            "· peak memory of all processes",
            "MiB",
            value=cold.peak_rss_mib,
            target=f"< {_MEMORY_TARGET_MIB:,}" if files >= _WHOLE_SIZE else "",
            met=cold.peak_rss_mib < _MEMORY_TARGET_MIB if files >= _WHOLE_SIZE else None,
        ),
        Figure(
            f"unchanged, synced again, for {_WHOLE_SIZE:,} files",
            "CPU-s",
            value=scaled,
            target=f"< {_AGAIN_TARGET_S:g}",
            met=scaled < _AGAIN_TARGET_S,
        ),
        Figure("· documents embedded again", "", value=embedded, target="0", met=embedded == 0),
    ]
    return Section("Many small files", figures, _notes(files))


def _notes(files: int) -> list[str]:
    if files >= _WHOLE_SIZE:
        return []
    measured = f"Measured with {files:,} files and scaled up, what does not grow with them included"
    return [f"{measured}; `--files {_WHOLE_SIZE}` measures all of them, and memory against its target."]


def _write(folder: Path, texts: Sequence[str], files: int) -> None:
    for number in range(files):
        below = folder / f"{number // _PER_FOLDER:03}"
        if number % _PER_FOLDER == 0:
            below.mkdir(parents=True)
        text = " ".join(texts[number % len(texts)].lstrip("# ").split())[:_CHARS]
        (below / f"{number:06}.md").write_text(f"Case {number}. {text}\n", encoding="utf-8")
