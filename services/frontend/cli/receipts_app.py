"""`ragworks receipts`: its subcommands and options. Each imports its code when it runs: help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from services.frontend.cli.command_group import CommandGroup, epilog
from services.frontend.cli.options import Json, Url

ReceiptId = Annotated[str, typer.Argument(metavar="ID", help="The receipt's id, as 'ragworks receipts' lists it.")]

receipts_app = typer.Typer(
    cls=CommandGroup,
    help="List, show and verify the receipts of deletions.",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks receipts",
        "ragworks receipts show receipt-0123 --json > receipt.json",
        "ragworks receipts verify receipt-0123",
        "ragworks receipts verify receipt-0123 --file receipt.json",
    ),
)


@receipts_app.callback(invoke_without_command=True)
def receipts(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """List, show and verify the receipts of deletions."""
    if context.invoked_subcommand is None:
        list_receipts(url=url, as_json=as_json)


@receipts_app.command("list", epilog=epilog("[bold]Examples[/]", "ragworks receipts list -n 200"))
def list_receipts(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """List the receipts, the newest first."""
    from services.frontend.cli.commands import receipts as command

    command.show_all(limit=limit, url=url, as_json=as_json)


@receipts_app.command(
    "show",
    epilog=epilog("[bold]Examples[/]", "ragworks receipts show receipt-0123", "ragworks receipts show receipt-01"),
)
def show_receipt(receipt_id: ReceiptId, url: Url = None, as_json: Json = False) -> None:
    """Show what a deletion removed, where."""
    from services.frontend.cli.commands import receipts as command

    command.show(receipt_id, url=url, as_json=as_json)


@receipts_app.command(
    "verify",
    epilog=epilog(
        "[bold]Examples[/]",
        "ragworks receipts verify receipt-0123",
        "ragworks receipts verify receipt-0123 --wait",
        "ragworks receipts verify receipt-0123 --file receipt.json",
        "Exit code 0: the signature is the platform's and nothing is left; 4: something is wrong.",
    ),
)
def verify_receipt(
    receipt_id: ReceiptId,
    file: Annotated[Path | None, typer.Option("--file", help="Check this copy instead of the stored receipt.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the deletion has come to its end.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Check that a receipt is genuine and that nothing of what it names is left."""
    from services.frontend.cli.commands import receipts as command

    raise typer.Exit(command.verify(receipt_id, file=file, wait=wait, url=url, as_json=as_json))
