"""`ragworks eval`: its subcommands and options."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url
from services.shared.contracts.answer_evaluation import AnswerSystem, Half
from services.shared.contracts.answers import AnswerForm, AnswerOptions, UnsupportedPolicy

eval_app = typer.Typer(cls=CommandGroup, no_args_is_help=True, help="Measure search and answers, and compare.")

Out = Annotated[Path | None, typer.Option("--json", help="Write the whole report to this file; - prints it.")]
Minimum = Annotated[
    list[str] | None,
    typer.Option("--min", help="Exit with 1 when the first configuration scores less, as ndcg@10=0.4; repeatable."),
]


@eval_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks eval retrieval --dataset ~/beir/scifact",
        "ragworks eval retrieval --dataset ~/beir/scifact --config default --config sparse --json scifact.json",
        "ragworks eval retrieval --dataset ~/beir/nfcorpus --split dev --config weighted:0.3 --config default",
        "ragworks eval retrieval --dataset qa --json now.json --min ndcg@10=0.85 --min recall@10=0.9",
        "Configurations: default, dense, sparse, rrf, weighted, weighted:SHARE (of the dense scores), no-phrases,",
        "rerank, no-rerank.",
        "The corpus stays in a collection of its own: a second run embeds nothing again.",
    )
)
def retrieval(
    dataset: Annotated[Path, typer.Option(help="Folder in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/*.tsv.")],
    config: Annotated[
        list[str] | None, typer.Option(help="A configuration; repeatable. The first is what the others differ from.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Name of the file below qrels; default: test, or the only one.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Collection to use; default: one named after the corpus.")
    ] = None,
    minimum: Minimum = None,
    out: Out = None,
    url: Url = None,
) -> None:
    """Measure search on questions whose documents are known."""
    from services.frontend.cli.commands import eval_retrieval as command

    code = command.run(
        dataset,
        configurations=config or ["default"],
        split=split,
        collection=collection,
        minimum=minimum or [],
        out=out,
        url=url,
    )
    raise typer.Exit(code)


@eval_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks eval compare 20261123T0915 latest",
        "ragworks eval compare before.json after.json --config dense",
        "ragworks eval compare main.json mine.json --fail-on-loss ndcg@10",
    )
)
def compare(
    first: Annotated[str, typer.Argument(help="A kept run, or the file of a report.")],
    second: Annotated[str, typer.Argument(help="Another one of the same data; 'latest' is the newest run.")],
    config: Annotated[
        str | None, typer.Option(help="The configuration to compare; default: the first of each.")
    ] = None,
    fail_on_loss: Annotated[
        str | None, typer.Option(help="Exit with 1 when the second is significantly worse by this metric (p < 0.05).")
    ] = None,
    out: Out = None,
) -> None:
    """Compare two runs over the same questions."""
    from services.frontend.cli.commands import eval_compare as command

    raise typer.Exit(command.run(first, second, configuration=config, fail_on_loss=fail_on_loss, out=out))


@eval_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks eval answers --dataset ~/squad2-dev --half dev --limit 100",
        "ragworks eval answers --dataset ~/squad2-dev --half test --limit 100 --form phrase --json phrase.json",
        "ragworks eval answers --dataset ~/squad2-dev --half test --limit 100 --system plain",
        "ragworks eval answers --dataset qa --inject attacks.txt   # instructions hidden in the documents",
        'Each query has "answers": ["...", ...] or "answerable": false beside what BEIR has.',
    )
)
def answers(
    dataset: Annotated[Path, typer.Option(help="Folder in BEIR's layout; its queries have answers.")],
    *,
    half: Annotated[Half, typer.Option(help="dev to choose settings by, test to report.")] = Half.ALL,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask so many, half of them unanswerable.")] = None,
    seed: Annotated[int, typer.Option(help="Which so many.")] = 0,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Questions in flight.")] = 1,
    system: Annotated[
        AnswerSystem, typer.Option(help="The platform, or its model with the same passages and a plain prompt.")
    ] = AnswerSystem.PLATFORM,
    form: Annotated[AnswerForm | None, typer.Option(help="How to answer: in prose, or in a phrase.")] = None,
    unsupported: Annotated[
        UnsupportedPolicy | None, typer.Option(help="What happens to claims that no passage supports.")
    ] = None,
    inject: Annotated[
        list[Path] | None,
        typer.Option(help="File of instructions to hide in the documents: how many are followed? Repeatable."),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Name of the file below qrels; default: test, or the only one.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Collection to use; default: one named after the corpus.")
    ] = None,
    out: Out = None,
    url: Url = None,
) -> None:
    """Measure answers to questions whose answers and passages are known."""
    from services.frontend.cli.commands import eval_answers as command

    command.run(
        dataset,
        split=split,
        half=half,
        limit=limit,
        seed=seed,
        parallel=parallel,
        system=system,
        options=AnswerOptions(form=form, unsupported_claims=unsupported),
        inject=inject or [],
        collection=collection,
        out=out,
        url=url,
    )


@eval_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks eval trial rrf",
        "ragworks eval trial rrf --collection docs --since 2026-11-01 --json -",
        "A trial runs when the retrieval service has RAGWORKS_RETRIEVAL_TRIAL and its mode is 'interleave'.",
    )
)
def trial(
    name: Annotated[str, typer.Argument(help="The trial's name, RAGWORKS_RETRIEVAL_TRIAL.")],
    *,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Answers from this collection alone.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Answers from this time on, in UTC.")] = None,
    out: Out = None,
    url: Url = None,
) -> None:
    """Tell which of two ways to search brings the passages that answers cite."""
    from services.frontend.cli.commands import eval_trial as command

    command.run(name, collection=collection, since=since, out=out, url=url)


@eval_app.command(epilog=epilog("[bold]Examples[/]", "ragworks eval runs", "ragworks eval runs --limit 100 --json"))
def runs(
    *,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 20,
    as_json: Json = False,
) -> None:
    """List the runs that were kept, the newest first."""
    from services.frontend.cli.commands import eval_runs as command

    command.run(as_json=as_json, limit=limit)


@eval_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks eval plot latest --out quality.png",
        "ragworks eval plot 20261123T0915 latest --out before-after.svg",
        "Runs of searches show nDCG@10 with its interval, and the time of a search; runs of answers all their metrics.",
    )
)
def plot(
    reports: Annotated[list[str], typer.Argument(help="Kept runs, or files of reports; all of one kind.")],
    *,
    out: Annotated[Path, typer.Option(help="The picture to write: .png, .svg or .pdf.")],
) -> None:
    """Draw runs beside each other."""
    from services.frontend.cli.commands import eval_plot as command

    command.run(reports, out=out)
