"""`ragworks tools`: its subcommands and options. Each imports its code when it runs: help is quick."""

from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

ToolName = Annotated[str, typer.Argument(metavar="TOOL", help="connector.tool, as 'ragworks tools list' shows it.")]
ForCollection = Annotated[
    str | None, typer.Option("--collection", "-c", help="The collection that it is used for, where that matters.")
]

tools_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="List, call and approve the live tools of outside systems.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks tools list",
        "ragworks tools show shop.order_status",
        "ragworks tools call shop.order_status order=A-17",
    ),
)


@tools_app.command("list", epilog=epilog("[bold]Examples[/]", "ragworks tools list --json"))
def list_tools(collection: ForCollection = None, url: Url = None, as_json: Json = False) -> None:
    """List the tools that your key may use."""
    from services.frontend.cli.commands import tools as command

    command.list_tools(collection=collection, url=url, as_json=as_json)


@tools_app.command("show", epilog=epilog("[bold]Examples[/]", "ragworks tools show shop.order_status"))
def show_tool(name: ToolName, url: Url = None, as_json: Json = False) -> None:
    """Show a tool: what it says of itself, its arguments, its digest."""
    from services.frontend.cli.commands import tools as command

    command.show(name, url=url, as_json=as_json)


@tools_app.command(
    "call",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks tools call shop.order_status order=A-17",
        'ragworks tools call shop.query --arguments \'{"sql": "SELECT count(*) FROM orders"}\'',
    ),
)
def call_tool(
    name: ToolName,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Arguments.")] = None,
    arguments: Annotated[str | None, typer.Option(help="Arguments as one JSON object.")] = None,
    approval: Annotated[str | None, typer.Option(help="Id of an approved call.")] = None,
    collection: ForCollection = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Call a tool."""
    from services.frontend.cli.commands import tools as command

    command.call(
        name, pairs or [], arguments=arguments, approval=approval, collection=collection, url=url, as_json=as_json
    )


@tools_app.command(
    "approve", epilog=epilog("[bold]Examples[/]", "ragworks tools approve weather.forecast --digest 01ab")
)
def approve_tool(
    name: ToolName,
    digest: Annotated[str, typer.Option(help="Of the definition that you read; its first 12 characters will do.")],
    url: Url = None,
) -> None:
    """Approve what a tool of an outside system says of itself."""
    from services.frontend.cli.commands import tools as command

    command.approve(name, digest, url=url)


@tools_app.command("approve-call", epilog=epilog("[bold]Examples[/]", "ragworks tools approve-call apr_0123"))
def approve_call(
    approval: Annotated[str, typer.Argument(metavar="ID", help="The id that the refusal named.")], url: Url = None
) -> None:
    """Let one call that changes something be made, once."""
    from services.frontend.cli.commands import tools as command

    command.approve_call(approval, url=url)
