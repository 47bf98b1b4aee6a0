"""`ragworks connectors`: its subcommands and options. Each imports its code when it runs: help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

connectors_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="List connectors, write one, test one.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks connectors list",
        "ragworks connectors new weather",
        'ragworks connectors test shop --file connectors.toml --call order_status=\'{"order": "A-17"}\'',
    ),
)


@connectors_app.command("list", epilog=epilog("[bold]Examples[/]", "ragworks connectors list --json"))
def list_connectors(url: Url = None, as_json: Json = False) -> None:
    """List the connectors that your key may use, and how they are."""
    from services.frontend.cli.commands import connectors as command

    command.list_connectors(url=url, as_json=as_json)


@connectors_app.command(
    "kinds", epilog=epilog("[bold]Examples[/]", "ragworks connectors kinds", "ragworks connectors kinds sql")
)
def list_kinds(
    kind: Annotated[str | None, typer.Argument(help="Show the settings of this kind.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the kinds of connectors that are installed, or what one has to be told."""
    from services.frontend.cli.commands import connectors as command

    command.list_kinds(kind, url=url, as_json=as_json)


@connectors_app.command("new", epilog=epilog("[bold]Examples[/]", "ragworks connectors new weather"))
def new_connector(name: Annotated[str, typer.Argument(help="Small letters, digits and _.")]) -> None:
    """Write a connector and its test into this folder, as a start."""
    from services.frontend.cli.commands import connectors as command

    command.new(name, folder=Path.cwd())


@connectors_app.command(
    "test",
    epilog=epilog(
        "[bold]Examples[/]", "ragworks connectors test shop --file connectors.toml", "Exit code 1: a rule is broken."
    ),
)
def check_connector(
    name: Annotated[str, typer.Argument(help="Its name in the file.")],
    file: Annotated[Path, typer.Option(help="The TOML file that declares it.")] = Path("connectors.toml"),
    call: Annotated[list[str] | None, typer.Option(help="A tool to call: TOOL={...}; repeatable.")] = None,
    private: Annotated[list[str] | None, typer.Option(help="An inner host that may be asked; repeatable.")] = None,
) -> None:
    """Check that a connector keeps to the rules."""
    from services.frontend.cli.commands import connectors as command

    raise typer.Exit(command.check(name, file=file, calls=call or [], private=private or []))
