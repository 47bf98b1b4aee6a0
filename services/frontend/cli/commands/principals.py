"""`ragworks principals`: what belongs to somebody, and its deletion."""

from collections.abc import Iterator

from services.frontend.cli.commands.confirm import confirmed
from services.frontend.cli.exits import CliError
from services.frontend.cli.gateway import open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, plural, print_json, safe, table
from services.shared.contracts.receipts import DeletedWithReceipt, PrincipalData


def show(principal: str, *, url: str | None, as_json: bool) -> None:
    """What is the principal's alone, and what others may read, too."""
    found = PrincipalData.model_validate_json(open_gateway(running_settings(url=url)).get(_path(principal)))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for name, value in _facts(found):
        grid.add_row(f"[dim]{name}[/]", value)
    output().print(grid)


def delete(principal: str, *, yes: bool, url: str | None, as_json: bool) -> None:
    """Delete what is the principal's alone, after a question."""
    gateway = open_gateway(running_settings(url=url))
    found = PrincipalData.model_validate_json(gateway.get(_path(principal)))
    if not (found.documents or found.shared_documents or found.sources or found.shared_sources or found.jobs):
        raise CliError(f"Nothing belongs to '{principal}'.", hint="Principals are listed by 'GET /api/keys'.")
    what = f"{plural(found.documents, 'document')} and {plural(len(found.sources), 'source')}"
    confirmed(f"Delete {what} of [bold]{safe(principal)}[/]?", yes=yes)
    answer = DeletedWithReceipt.model_validate_json(gateway.delete(_path(principal)))
    if as_json:
        print_json(answer.model_dump(mode="json"))
        return
    kept = f"; {plural(found.shared_documents, 'document')} stay for others" if found.shared_documents else ""
    output().print(f"[ok]✓[/] {what} of [bold]{safe(principal)}[/] are being deleted{kept}.")
    output().print(f"[dim]Receipt:[/] ragworks receipts verify {answer.receipt_id} --wait")


def _facts(found: PrincipalData) -> Iterator[tuple[str, str]]:
    yield "principal", f"[bold]{safe(found.principal)}[/]"
    yield "documents", f"{found.documents:,}"
    yield "shared documents", f"{found.shared_documents:,} [dim]that others may read, too[/]"
    yield "sources", safe(", ".join(found.sources) or "none")
    yield "shared sources", safe(", ".join(found.shared_sources) or "none")
    yield "jobs", f"{found.jobs:,}"


def _path(principal: str) -> str:
    return f"/api/principals/{segment(principal)}"
