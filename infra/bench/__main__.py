"""Measures the platform on this machine: `python -m infra.bench`, or `make bench`.

Starts, ingest, the stages of an answer, the processor time of each hop and of calling a tool. Nothing else should run
meanwhile. The platform is left as it was found; the measured collection is deleted.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from infra.bench import answers, hops, ingest, starts, tools
from infra.bench.command import Ragworks
from infra.bench.figures import Section
from infra.bench.report import print_section, write_json, write_page
from infra.bench.texts import Texts, find_texts
from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings

COLLECTION = "bench"
PARTS = ("starts", "ingest", "answers", "hops", "tools")


@dataclass(frozen=True)
class Plan:
    """What to measure, and how much of it."""

    parts: frozenset[str]
    chunks: int
    questions: int
    requests: int


def main() -> None:
    """Measure, print the tables, write the JSON and, when asked, the figures in docs/performance.md."""
    arguments = _arguments()
    parts = frozenset(arguments.only or PARTS)
    plan = Plan(parts, chunks=arguments.chunks, questions=arguments.questions, requests=arguments.requests)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the clean-up is done then, too
    console, texts = Console(soft_wrap=True), find_texts(chunks=plan.chunks)
    _announce(console, plan, texts)
    sections = _measure(plan, texts, console)
    console.print(f"\nWritten to {write_json(sections)}.")
    if arguments.write_docs:
        console.print(f"Figures updated in {write_page(sections)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these parts; answers need the ingest")
    parser.add_argument("--chunks", type=int, default=10_000, help="size of the corpus, about (default 10,000)")
    parser.add_argument("--questions", type=int, default=60, help="questions asked (default 60)")
    parser.add_argument("--requests", type=int, default=400, help="requests per hop measurement (default 400)")
    parser.add_argument("--write-docs", action="store_true", help="update the figures in docs/performance.md")
    return parser.parse_args()


def _announce(console: Console, plan: Plan, texts: Texts) -> None:
    console.print(f"Corpus: {len(texts.documents):,} documents from {texts.origin}, about {plan.chunks:,} chunks.")
    console.print("On two cores this takes about 25 minutes: three starts 4, ingest 13, answers 4, hops 3.")
    console.print("Close what else uses the processor: the figures are those of this machine as it is.\n")


def _measure(plan: Plan, texts: Texts, console: Console) -> list[Section]:
    command, sections = Ragworks(), list[Section]()

    def measured(name: str, measure: Callable[[], Section]) -> None:
        if name in plan.parts:
            with console.status(f"measuring {name} ..."):
                sections.append(measure())
            print_section(console, sections[-1])

    with ExitStack() as cleanup:
        if command.up().started:
            cleanup.callback(command.down)
        measured("starts", lambda: starts.measure(command))
        settings = running_settings()
        gateway = open_gateway(settings)
        if {"ingest", "answers"} & plan.parts:
            folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="ragworks-bench-")))
            cleanup.callback(ingest.delete, gateway, COLLECTION)
            with console.status("ingesting ..."):
                ingested = ingest.run(command, gateway, texts, folder=folder, collection=COLLECTION)
            measured("ingest", lambda: ingest.measure(ingested))
        questions = texts.questions[: plan.questions]
        measured("answers", lambda: answers.measure(gateway, settings, questions, collection=COLLECTION))
        measured("hops", lambda: hops.measure(gateway, command.pids(), requests=plan.requests))
        measured("tools", tools.measure)
    return sections


if __name__ == "__main__":
    main()
