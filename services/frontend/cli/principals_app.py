"""`ragworks principals`: its subcommands and options. Each imports its code when it runs: help is quick."""

from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

Principal = Annotated[str, typer.Argument(metavar="PRINCIPAL", help="Whom requests stand for, as 'key:0123'.")]

principals_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Show and delete what belongs to a principal: what nobody else may read.",
    epilog=epilog(
        "[bold]Examples[/]", "ragworks principals show key:0123", "ragworks principals delete key:0123 --yes"
    ),
)


@principals_app.callback()
def principals() -> None:
    """Show and delete what belongs to a principal: what nobody else may read."""


@principals_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks principals show key:0123 --json"))
def show_principal(principal: Principal, url: Url = None, as_json: Json = False) -> None:
    """Show how much belongs to a principal, and how much it shares with others."""
    from services.frontend.cli.commands import principals as command

    command.show(principal, url=url, as_json=as_json)


@principals_app.command(
    "delete",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks principals delete key:0123",
        "ragworks principals delete key:0123 --yes --json",
        "What others may read, too, stays for them. The API key itself is revoked by 'DELETE /api/keys/ID'.",
    ),
)
def delete_principal(
    principal: Principal,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Delete what nobody but this principal may read, with a receipt."""
    from services.frontend.cli.commands import principals as command

    command.delete(principal, yes=yes, url=url, as_json=as_json)
