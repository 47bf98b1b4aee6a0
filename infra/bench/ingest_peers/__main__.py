"""Ingest beside other pipelines: `make bench-ingest`, or `python -m infra.bench.ingest_peers`.

The same PDF and HTML files and the same embedding model through Ragworks as it runs in production, LlamaIndex and
Haystack; then each stage alone; then many small files. Processor seconds count, which other work on the machine changes
little. A platform that runs here is not touched: the measured one has a folder and ports of its own.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from infra.bench.figures import Section
from infra.bench.ingest_peers import many, stages
from infra.bench.ingest_peers.compare import Peers, compare
from infra.bench.ingest_peers.documents import gather
from infra.bench.report import print_section, write_json, write_page
from infra.bench.texts import REPOSITORY, Texts, find_texts

_PARTS = ("stages", "pipelines", "many")
_PEERS_PYTHON = REPOSITORY / ".venv-bench" / "bin" / "python"
_MODEL = REPOSITORY / "var" / "models" / "all-MiniLM-L6-v2"
_COMMAND = "make bench-ingest"


def main() -> None:
    """Measure, print the tables, write the JSON and, when asked, the figures in docs/performance.md."""
    arguments = _arguments()
    for needed in (_MODEL / "tokenizer.json", *([_PEERS_PYTHON] if _needs_files(arguments) else [])):
        if not needed.exists():
            raise SystemExit(f"There is no {needed}: run '{_COMMAND}', which prepares it first.")
    console, texts = Console(soft_wrap=True), find_texts(chunks=3_000)
    console.print(f"Texts: {texts.origin}. On two idle cores this takes about ten minutes.")
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="ragworks-bench-") as name:
        for section in _measured(arguments, Path(name), texts, console):
            print_section(console, section)
            sections.append(section)
    console.print(f"\nWritten to {write_json(sections, prefix='ingest-')}.")
    if arguments.write_docs:
        console.print(f"Figures updated in {write_page(sections, command=_COMMAND)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.bench.ingest_peers", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=_PARTS, help="measure these parts")
    parser.add_argument("--pdfs", type=int, default=10, help="PDF files (default 10)")
    parser.add_argument("--pages", type=int, default=20, help="HTML files (default 20)")
    parser.add_argument("--files", type=int, default=2_000, help="small files to ingest and sync again (default 2,000)")
    parser.add_argument("--ledger-documents", type=int, default=4_000, help="documents of the ledger's measurement")
    parser.add_argument("--write-docs", action="store_true", help="update the figures in docs/performance.md")
    return parser.parse_args()


def _measured(arguments: argparse.Namespace, scratch: Path, texts: Texts, console: Console) -> Iterator[Section]:
    documents = list(texts.documents.values())
    if _needs_files(arguments):
        yield from _measured_on_files(arguments, scratch, documents, console)
    if "many" in arguments.only:
        with console.status(f"{arguments.files:,} small files ..."):
            section = many.measure(scratch, documents, files=arguments.files)
        yield section


def _needs_files(arguments: argparse.Namespace) -> bool:
    """Whether PDF and HTML files are to be made, which the peers' environment has the library for."""
    return bool({"stages", "pipelines"} & set(arguments.only))


def _measured_on_files(
    arguments: argparse.Namespace, scratch: Path, documents: list[str], console: Console
) -> Iterator[Section]:
    corpus = gather(scratch, pdfs=arguments.pdfs, pages=arguments.pages, texts=documents, python=_PEERS_PYTHON)
    if "stages" in arguments.only:
        with console.status("stages alone ..."):
            section = stages.measure(
                corpus,
                documents,
                tokenizer=_MODEL / "tokenizer.json",
                scratch=scratch,
                ledger_documents=arguments.ledger_documents,
            )
        yield section
    if "pipelines" in arguments.only:
        with console.status("Ragworks, then its peers ..."):
            sections = compare(corpus.folder, scratch, Peers(_PEERS_PYTHON, _MODEL), origin=corpus.origin)
        yield from sections


if __name__ == "__main__":
    main()
