"""`ragworks bench`: its options. Each command imports its code when it runs: help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

Run = Annotated[Path, typer.Argument(help="The JSON file of a run of 'ragworks bench inference'.")]

bench_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Measure how fast a model is served, and plan how much of it a load takes.",
)


@bench_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks bench inference",
        "ragworks bench inference --model llama --tokenizer meta-llama/Llama-3.1-8B-Instruct --concurrency 1,4,16,64",
        "ragworks bench inference --ttft 500 --itl 50 --gpus 2 --out bench/llama.json",
        "Close what else uses the machine. AIPerf: python3 infra/prepare/prepare.py --aiperf",
    )
)
def inference(
    *,
    model: Annotated[str | None, typer.Option(help="A plain model of /v1/models; default: the first.")] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="Its tokenizer: a folder or a Hugging Face id; default: the platform's model.")
    ] = None,
    concurrency: Annotated[str, typer.Option(help="Requests at once, one run of the load for each.")] = "1,2,4,8,16",
    requests: Annotated[int, typer.Option(min=1, help="Requests of each run, for each that is in flight.")] = 6,
    input_tokens: Annotated[int, typer.Option(min=1, help="Tokens of each prompt.")] = 256,
    output_tokens: Annotated[int, typer.Option(min=2, help="Tokens of each answer.")] = 64,
    ttft: Annotated[float, typer.Option(min=0.001, help="Target for the first token, in ms, at p95.")] = 2000,
    itl: Annotated[float, typer.Option(min=0.001, help="Target for the tokens after it, in ms, at p95.")] = 100,
    gpus: Annotated[
        int | None,
        typer.Option(min=1, help="GPUs that serve the model; default: this machine's, else its cores count."),
    ] = None,
    out: Annotated[Path, typer.Option(help="JSON file to write; .png and .html stand beside it.")] = Path(
        "frontier.json"
    ),
    url: Url = None,
) -> None:
    """Measure the throughput frontier of a model with AIPerf."""
    from services.frontend.cli.commands import bench as command

    load = command.Load(
        concurrencies=command.numbers(concurrency),
        requests=requests,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        ttft_ms=ttft,
        itl_ms=itl,
    )
    command.measure(load, model=model, tokenizer=tokenizer, gpus=gpus, out=out, url=url)


@bench_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks bench compare before.json after.json --out both.png",
    )
)
def compare(
    first: Run,
    second: Run,
    out: Annotated[Path | None, typer.Option(help="Draw both: a .png, .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Compare two runs, concurrency by concurrency."""
    from services.frontend.cli.commands import bench as command

    command.compare(first, second, out=out, as_json=as_json)


@bench_app.command(
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks bench plan frontier.json --requests-per-s 5 --output-tokens 300",
    )
)
def plan(
    run: Run,
    *,
    requests_per_s: Annotated[float, typer.Option(min=0.0001, help="The load to serve.")],
    output_tokens: Annotated[int | None, typer.Option(min=1, help="Tokens of an answer; default: as measured.")] = None,
    headroom: Annotated[float, typer.Option(min=0, max=0.9, help="Share of each replica that stays free.")] = 0.25,
    as_json: Json = False,
) -> None:
    """Say how many replicas a load takes, and which concurrency to declare."""
    from services.frontend.cli.commands import bench as command

    command.plan(run, requests_per_s=requests_per_s, output_tokens=output_tokens, headroom=headroom, as_json=as_json)
