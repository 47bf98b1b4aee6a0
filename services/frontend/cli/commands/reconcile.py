"""`ragworks reconcile`: the index against the ledger, document by document."""

from collections.abc import Iterator

from services.frontend.cli.exits import ExitCode
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, plural, print_json, safe, table
from services.shared.contracts.corpus import Collection
from services.shared.contracts.reconciliation import Reconciliation

_SHOWN = 50


def run(collection: str | None, *, repair: bool, url: str | None, as_json: bool) -> ExitCode:
    """Compare one collection or all, one after the other; the exit code says whether something is left to do."""
    gateway = open_gateway(running_settings(url=url))
    outcomes: list[Reconciliation] = []
    for name in [collection] if collection else _names(gateway):
        answer = gateway.post(f"/api/collections/{segment(name)}/reconcile{'?repair=true' if repair else ''}", {})
        outcomes.append(Reconciliation.model_validate_json(answer))
        if not as_json:
            _show(outcomes[-1])
    if as_json:
        print_json([outcome.model_dump(mode="json") for outcome in outcomes])
    elif not outcomes:
        output().print("There are no collections yet.")
    return ExitCode.PARTLY if any(each.discrepancies and not each.repaired for each in outcomes) else ExitCode.OK


def _names(gateway: Gateway) -> Iterator[str]:
    return (Collection.model_validate(item).name for item in gateway.items("/api/collections"))


def _show(outcome: Reconciliation) -> None:
    found = len(outcome.discrepancies)
    counted = f"[bold]{safe(outcome.collection)}[/]: {plural(outcome.documents, 'document')}, {outcome.chunks:,} chunks"
    if not found:
        output().print(f"[ok]✓[/] {counted}, all as recorded.")
        return
    output().print(f"[bad]✗[/] {counted}, {plural(found, 'document')} not as recorded.")
    shown = table("document", "problem", "expected", "found", "remedy", right=("expected", "found"))
    for each in outcome.discrepancies[:_SHOWN]:
        name = each.source or each.document_id
        shown.add_row(safe(name), each.problem.value, f"{each.expected:,}", f"{each.found:,}", each.remedy)
    output().print(shown)
    if found > _SHOWN:
        output().print(f"[dim]… and {found - _SHOWN:,} more; --json has all.[/]")
    output().print(_what_next(outcome))


def _what_next(outcome: Reconciliation) -> str:
    if not outcome.repaired:
        return f"[dim]Put it right:[/] ragworks reconcile {safe(outcome.collection)} --repair"
    if outcome.jobs:
        return f"[ok]✓[/] Repaired; ingested again by {', '.join(outcome.jobs)} [dim](ragworks ingest --job ID)[/]"
    return "[ok]✓[/] Repaired."
