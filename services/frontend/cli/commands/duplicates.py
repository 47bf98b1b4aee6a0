"""`ragworks collections duplicates`: which documents are there twice, or almost."""

from services.frontend.cli.gateway import open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, plural, print_json, safe, table
from services.shared.contracts.duplicates import DuplicateReport


def run(collection: str, *, threshold: float, limit: int, url: str | None, as_json: bool) -> None:
    """Show the equal documents, then those that are almost equal."""
    gateway = open_gateway(running_settings(url=url))
    answer = gateway.get(f"/api/collections/{segment(collection)}/duplicates?threshold={threshold}&limit={limit}")
    report = DuplicateReport.model_validate_json(answer)
    if as_json:
        print_json(report.model_dump(mode="json"))
        return
    _show_equal(report)
    _show_near(report)
    if report.not_compared:
        output().print(
            f"[dim]{plural(report.not_compared, 'document')} could not be compared: without words, or ingested by an "
            "older release.[/]"
        )


def _show_equal(report: DuplicateReport) -> None:
    if not report.equal_total:
        output().print("No file is there twice.")
        return
    output().print(f"{plural(report.equal_total, 'document')} equal to another, stored once:")
    shown = table("document", "equal to")
    for group in report.equal:
        for copy in group.copies:
            shown.add_row(safe(copy.source), safe(group.document.source))
    output().print(shown)
    _more(report.equal_total, sum(len(group.copies) for group in report.equal))


def _show_near(report: DuplicateReport) -> None:
    if not report.near_total:
        output().print(f"No document is {report.threshold:.0%} like another, of {report.compared:,} compared.")
        return
    output().print(f"{plural(report.near_total, 'document')} almost equal to an earlier one:")
    shown = table("document", "like", "similar", right=("similar",))
    for pair in report.near:
        shown.add_row(safe(pair.document.source), safe(pair.like.source), f"{pair.similarity:.0%}")
    output().print(shown)
    _more(report.near_total, len(report.near))


def _more(total: int, shown: int) -> None:
    if total > shown:
        output().print(f"[dim]… and {total - shown:,} more; --limit shows more.[/]")
