"""Search and answers beside LangChain: `make bench-answers`, or `python -m infra.bench.answer_peers`.

LangChain's stock hybrid retriever and the usual chain over it stand on the same vector database, embedding model and
language model, in the same run. The platform is left as it was found; its documents stay in a collection of their own,
so that a second run embeds nothing again.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import track

from infra.bench.answer_peers import compare
from infra.bench.answer_peers.compare import Sides
from infra.bench.answer_peers.langchain_chain import LangChainPeer
from infra.bench.command import Ragworks
from infra.bench.figures import Section
from infra.bench.report import print_section, write_json
from infra.bench.texts import REPOSITORY
from pipelines.evaluate.answers.questions import GoldQuestion, load_questions
from pipelines.evaluate.dataset import Dataset, load_dataset
from pipelines.evaluate.gateway import Gateway
from services.frontend.cli.gateway import key_of
from services.frontend.cli.settings import running_settings
from services.shared.contracts.answer_evaluation import AnswersReport

_PEER_COLLECTION = "bench-langchain"
_PLAIN = "the same model, plain prompt"


def main() -> None:
    """Measure, print the tables, and write the JSON."""
    arguments, console = _arguments(), Console(soft_wrap=True)
    folder: Path = arguments.dataset
    if not (folder / "corpus.jsonl").is_file():
        raise SystemExit(f"There is no {folder / 'corpus.jsonl'}: name a folder with gold answers with --dataset.")
    dataset = load_dataset(folder)
    console.print(f"{dataset.name}: {len(dataset.documents):,} documents, {len(dataset.questions):,} judged questions.")
    console.print("On two idle cores 40 questions take about fifteen minutes.\n")
    sections: list[Section] = []
    for section in _measured(arguments, folder, dataset):
        print_section(console, section)
        sections.append(section)
    console.print(f"\nWritten to {write_json(sections, prefix='answers-')}.")


def _arguments() -> argparse.Namespace:
    data = Path(os.environ.get("RAGWORKS_EVAL_DATA", REPOSITORY.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(prog="python -m infra.bench.answer_peers", description=__doc__)
    parser.add_argument(
        "--dataset", type=Path, default=data / "squad2-dev", help="folder as 'ragworks eval answers' takes it"
    )
    parser.add_argument("--half", choices=["all", "dev", "test"], default="test", help="which questions (default test)")
    parser.add_argument("--questions", type=int, default=40, help="questions answered by each system (default 40)")
    parser.add_argument("--searches", type=int, default=300, help="questions searched (default 300)")
    return parser.parse_args()


def _measured(arguments: argparse.Namespace, folder: Path, dataset: Dataset) -> Iterator[Section]:
    with ExitStack() as cleanup:
        command = Ragworks()
        if command.up().started:
            cleanup.callback(command.down)
        settings = running_settings()
        reports = _our_reports(arguments, folder)
        first = reports["Ragworks"]
        peer = LangChainPeer.over(
            dataset.documents.values(),
            settings=settings,
            key=key_of(settings),
            model=first.model,
            collection=_PEER_COLLECTION,
        )
        cleanup.callback(peer.drop)
        gateway = cleanup.enter_context(
            Gateway(settings.gateway_url, key_of(settings), timeout_s=settings.request_timeout_s, patience_s=60)
        )
        sides = Sides(gateway, first.collection, peer)
        step = max(2, len(dataset.questions) // arguments.searches)
        yield compare.searches(sides, dataset, list(dataset.questions)[::step][: arguments.searches])
        asked = {each.question for each in first.questions}  # retrieval remembers their vectors
        others = [text for text in list(dataset.questions.values())[1::step] if text not in asked]
        yield compare.until_the_model(sides, others[: arguments.questions])
        scores = {name: report.scores for name, report in reports.items()}
        scores["LangChain"] = compare.peer_scores(sides, _same(folder, dataset, first))
        yield from compare.answers(scores, plain=_PLAIN)


def _our_reports(arguments: argparse.Namespace, folder: Path) -> dict[str, AnswersReport]:
    asked = ("--half", arguments.half, "--limit", str(arguments.questions))
    systems = {"Ragworks": (), "Ragworks, in a phrase": ("--form", "phrase"), _PLAIN: ("--system", "plain")}
    with tempfile.TemporaryDirectory(prefix="ragworks-bench-") as scratch:
        return {
            name: compare.evaluate(folder, Path(scratch) / f"{number}.json", *asked, *options)
            for number, (name, options) in enumerate(systems.items())
        }


def _same(folder: Path, dataset: Dataset, report: AnswersReport) -> Iterator[GoldQuestion]:
    """The questions of a report, with progress."""
    known = {each.id: each for each in load_questions(folder, dataset.relevance)}
    for asked in track(report.questions, description="LangChain answers", transient=True):
        yield known[asked.id]


if __name__ == "__main__":
    main()
