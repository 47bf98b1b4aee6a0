"""The `ragworks` command: its subcommands and options. Each imports its code when it runs: help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.bench_app import bench_app
from services.frontend.cli.chunks_app import chunks_app
from services.frontend.cli.collections_app import collections_app
from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.connectors_app import connectors_app
from services.frontend.cli.documents_app import documents_app
from services.frontend.cli.eval_app import eval_app
from services.frontend.cli.jobs_app import jobs_app
from services.frontend.cli.options import Attribute, InCollection, Json, NameOfCollection, Url
from services.frontend.cli.principals_app import principals_app
from services.frontend.cli.receipts_app import receipts_app
from services.frontend.cli.records_app import feedback, records_app
from services.frontend.cli.requests_app import replay, requests_app
from services.frontend.cli.sources_app import sources_app, sync_app
from services.frontend.cli.tools_app import tools_app
from services.shared.contracts.answers import MOST_SEARCHES, AnswerForm, AnswerOptions, UnsupportedPolicy

app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Ragworks: a self-hosted AI factory that answers from your own documents.",
    epilog=epilog(
        "[bold]Exit codes[/]",
        "0 ok",
        "1 failed",
        "2 wrong usage",
        "3 the platform is not up",
        "4 partly done: some documents failed, or some services are not ready",
        "130 stopped with Ctrl-C",
    ),
)
app.add_typer(bench_app, name="bench")
app.add_typer(collections_app, name="collections")
app.add_typer(connectors_app, name="connectors")
app.add_typer(chunks_app, name="chunks")
app.add_typer(documents_app, name="documents")
app.add_typer(eval_app, name="eval")
app.add_typer(jobs_app, name="jobs")
app.add_typer(principals_app, name="principals")
app.add_typer(receipts_app, name="receipts")
app.add_typer(records_app, name="records")
app.add_typer(requests_app, name="requests")
app.add_typer(sources_app, name="sources")
app.add_typer(sync_app, name="sync")
app.add_typer(tools_app, name="tools")


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks up",
        "ragworks up --no-sample",
        'ragworks up --question "How do I add my own documents?"',
        "RAGWORKS_GATEWAY_URL=http://127.0.0.1:9080 ragworks up",
    )
)
def up(
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Do not ingest the sample and ask about it.")] = False,
    question: Annotated[str | None, typer.Option(help="The first question to the sample corpus.")] = None,
    as_json: Json = False,
) -> None:
    """Start the platform on this machine and wait until it answers."""
    from services.frontend.cli.commands import up as command

    command.run(sample=not no_sample, question=question, as_json=as_json)


@app.command(epilog=epilog("[bold]Examples[/]", "ragworks down"))
def down() -> None:
    """Stop the platform; documents and collections stay."""
    from services.frontend.cli.commands import down as command

    command.run()


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks status",
        "ragworks status --json",
        "Exit code 0: all ready, 4: some not, 3: not up.",
    )
)
def status(as_json: Json = False) -> None:
    """Show every process: state, uptime, restarts, memory."""
    from services.frontend.cli.commands import status as command

    raise typer.Exit(command.run(as_json=as_json))


@app.command(
    epilog=epilog("[bold]Examples[/]", "ragworks logs", "ragworks logs gateway -n 100", "ragworks logs engine -f")
)
def logs(
    service: Annotated[str | None, typer.Argument(help="One service; all when left out.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines from the end.")] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added, until Ctrl-C.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The lines as they are in the files.")] = False,
) -> None:
    """Show the logs of the processes."""
    from services.frontend.cli.commands import logs as command

    command.run(service, lines=lines, follow=follow, raw=raw)


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks ingest ~/papers --collection papers",
        'ragworks ingest . -c code --include "*.md" --exclude "drafts/*" --relative-to .',
        "ragworks ingest --job job_0123 -c papers",
        "Running it again ingests only what is new or changed.",
    )
)
def ingest(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.")] = None,
    collection: InCollection = "docs",
    include: Annotated[list[str] | None, typer.Option(help="Only files that match this glob; repeatable.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="No files that match this glob; repeatable.")] = None,
    relative_to: Annotated[
        Path | None, typer.Option(help="Name documents by their path below this folder, not by their full path.")
    ] = None,
    attribute: Attribute = None,
    job: Annotated[str | None, typer.Option(help="Watch this job instead of starting one.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Put files and folders into a collection."""
    from services.frontend.cli.commands import ingest as command
    from services.frontend.cli.commands.pairs import attributes_of

    code = command.run(
        paths or [],
        collection=collection,
        attributes=attributes_of(attribute),
        include=include or [],
        exclude=exclude or [],
        relative_to=relative_to,
        job=job,
        url=url,
        as_json=as_json,
    )
    raise typer.Exit(code)


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        'ragworks search "how are chunks made" -c docs',
        "ragworks search backup -c docs -n 3 --json",
        "ragworks search backup -c docs,handbook",
    )
)
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    collection: InCollection = "docs",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many passages.")] = 5,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Find passages in a collection, or in several as if they were one."""
    from services.frontend.cli.commands import search as command

    command.run(query, collection=collection, limit=limit, url=url, as_json=as_json)


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        'ragworks explain docs "how are chunks made" docs/ingest.md',
        'ragworks explain papers "notice period" 0123-4567 -n 10 --json',
    )
)
def explain(
    collection: NameOfCollection,
    query: Annotated[str, typer.Argument(help="What is looked for.")],
    document: Annotated[str, typer.Argument(help="The document's id or source, as 'ragworks documents list' has it.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many passages are asked for.")] = 5,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Say why a search finds a document, or why not, stage by stage."""
    from services.frontend.cli.commands import explain as command

    command.run(collection, query, document, limit=limit, url=url, as_json=as_json)


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        'ragworks ask "On which address does the gateway listen?"',
        'ragworks ask "What does the contract say about notice?" -c contracts --json',
        'ragworks ask "Who signed it?" -c contracts --unsupported drop',
        'ragworks ask "Who signed it?" -c contracts+letters',
        'ragworks ask "When was it signed?" -c contracts --form phrase',
        'ragworks ask "Say hello." --model SmolLM2-135M-Instruct',
    )
)
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    collection: InCollection = "docs",
    model: Annotated[
        str | None, typer.Option(help="A model of /v1/models; a plain one answers without documents.")
    ] = None,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Wait for the whole answer.")] = False,
    unsupported: Annotated[
        UnsupportedPolicy | None, typer.Option(help="What happens to claims that no passage supports.")
    ] = None,
    form: Annotated[AnswerForm | None, typer.Option(help="How to answer: in prose, or in a phrase.")] = None,
    searches: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_SEARCHES, help="Most searches: 2 for questions that take two documents."),
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ask a collection; the answer comes with its sources."""
    from services.frontend.cli.commands import ask as command

    command.run(
        question,
        collection=collection,
        model=model,
        stream=not no_stream,
        options=AnswerOptions(unsupported_claims=unsupported, form=form, searches=searches),
        url=url,
        as_json=as_json,
    )


app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks feedback chatcmpl-0123 --up",
        'ragworks feedback chatcmpl-0123 --down --comment "It left at seven." --wrong 2',
        'ragworks feedback chatcmpl-0123 --corrected "The ferry leaves at 07:40."',
    )
)(feedback)


app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks replay --flag length --to-model llama-70b -n 50",
        "ragworks replay --model llama --since 2026-05-01 --to-model llama-tuned --json replay.json",
    )
)(replay)


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks reconcile",
        "ragworks reconcile papers",
        "ragworks reconcile papers --repair",
        "Exit code 0: all is as recorded, or was repaired; 4: something is not.",
    )
)
def reconcile(
    collection: Annotated[str | None, typer.Argument(help="One collection; all when left out.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what differs.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Check that the index holds exactly what was recorded of each document."""
    from services.frontend.cli.commands import reconcile as command

    raise typer.Exit(command.run(collection, repair=repair, url=url, as_json=as_json))


@app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks mcp",
        '{"mcpServers": {"ragworks": {"command": "/path/to/.venv/bin/ragworks", "args": ["mcp"]}}}',
    )
)
def mcp(url: Url = None) -> None:
    """Serve the corpus to an agent on this machine, over stdin and stdout (MCP)."""
    from services.frontend.cli.commands import mcp as command

    command.run(url=url)


def main() -> None:
    """Run the command."""
    app(prog_name="ragworks")
