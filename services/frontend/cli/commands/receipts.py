"""`ragworks receipts list`, `show` and `verify`."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, notices, output, plural, print_json, safe, table
from services.shared.contracts.receipts import Receipt, Verification

_SHOWN = 50
_POLL_S = 0.5


def show_all(*, limit: int, url: str | None, as_json: bool) -> None:
    """The newest receipts, one a line."""
    found = [Receipt.model_validate(item) for item in islice(_gateway(url).items("/api/receipts"), limit)]
    if as_json:
        print_json([receipt.model_dump(mode="json") for receipt in found])
        return
    shown = table("receipt", "deleted", "documents", "vectors", "requested", "issued", right=("documents", "vectors"))
    for each in found:
        shown.add_row(
            f"[bold]{each.id}[/]",
            safe(_subject(each)),
            f"{len(each.documents):,}",
            f"{each.vectors:,}",
            f"{each.requested_at:%Y-%m-%d %H:%M:%S}",
            f"{each.issued_at:%Y-%m-%d %H:%M:%S}" if each.issued_at else "[warn]under way[/]",
        )
    output().print(shown if found else "Nothing was deleted yet.")


def show(receipt_id: str, *, url: str | None, as_json: bool) -> None:
    """One receipt in full."""
    receipt = Receipt.model_validate_json(_gateway(url).get(_path(receipt_id)))
    if as_json:
        print_json(receipt.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for name, value in _facts(receipt):
        grid.add_row(f"[dim]{name}[/]", value)
    output().print(grid)
    documents = table("document", "source", "sha256", "chunks", "size", right=("chunks", "size"))
    for each in receipt.documents[:_SHOWN]:
        hashed = (each.sha256 or "")[:12]
        documents.add_row(each.document_id, safe(each.source), hashed, f"{each.chunks:,}", human_bytes(each.bytes))
    output().print(documents)
    if len(receipt.documents) > _SHOWN:
        output().print(f"[dim]… and {len(receipt.documents) - _SHOWN:,} more; --json has all.[/]")


def verify(receipt_id: str, *, file: Path | None, wait: bool, url: str | None, as_json: bool) -> ExitCode:
    """Check a receipt; the exit code says how it went."""
    body = {} if file is None else {"json": _read(file).model_dump(mode="json")}
    gateway = _gateway(url)
    if wait:
        _await_end(gateway, receipt_id)
    answer = gateway.request("POST", f"{_path(receipt_id)}/verify", body=body.get("json"))
    found = Verification.model_validate_json(answer)
    if as_json:
        print_json({**found.model_dump(mode="json"), "ok": found.ok})
    else:
        _print(found)
    return ExitCode.OK if found.ok else ExitCode.PARTLY


def _await_end(gateway: Gateway, receipt_id: str) -> None:
    with notices().status("Waiting for the deletion to come to its end"):
        while Receipt.model_validate_json(gateway.get(_path(receipt_id))).issued_at is None:
            time.sleep(_POLL_S)


def _print(found: Verification) -> None:
    if found.signature_valid:
        output().print("[ok]✓[/] The signature is this platform's, and the receipt says what was signed.")
    else:
        output().print("[bad]✗[/] The signature does not fit: it is another platform's, or the receipt was changed.")
    for each in found.remains[:_SHOWN]:
        output().print(f"[bad]✗[/] {safe(each)}")
    if not found.remains:
        output().print("[ok]✓[/] Ledger, indexes, files and answers have nothing of it.")
    for each in found.notes[:_SHOWN]:
        output().print(f"[dim]{safe(each)}[/]")


def _facts(receipt: Receipt) -> Iterator[tuple[str, str]]:
    yield "receipt", f"[bold]{receipt.id}[/]"
    yield "deleted", safe(_subject(receipt))
    yield "requested", f"{receipt.requested_at:%Y-%m-%d %H:%M:%S %Z} by {safe(receipt.requested_by or 'nobody known')}"
    yield "issued", f"{receipt.issued_at:%Y-%m-%d %H:%M:%S %Z}" if receipt.issued_at else "[warn]under way[/]"
    yield "vectors", f"{receipt.vectors:,}"
    yield "job entries", f"{receipt.job_entries:,} cleared"
    for name, count, done in (
        ("source items", receipt.source_items, "removed"),
        ("sync entries", receipt.sync_items, "removed"),
        ("records of answers", receipt.records, "cleared of words"),
        ("answers in conversations", receipt.turns, "removed"),
    ):
        if count:
            yield name, f"{count:,} {done}"
    if receipt.subject == "principal":
        yield "taken from lists of", f"{plural(len(receipt.narrowed), 'document')} that others may read"
        yield "other access lists", f"{receipt.access_lists:,} of jobs and sources"
    for outcome in ("removed", "bytes_shared", "kept", "left"):
        count = sum(each.outcome == outcome for each in receipt.files)
        if count:
            yield f"originals {outcome.replace('_', ' ')}", plural(count, "file")


def _subject(receipt: Receipt) -> str:
    match receipt.subject:
        case "collection":
            return f"collection {receipt.collection}"
        case "document":
            source = receipt.documents[0].source if receipt.documents else ""
            return f"{source} of {receipt.collection}"
        case "sync":
            return f"what vanished from the source {receipt.subject_name}"
        case subject:
            return f"{subject} {receipt.subject_name}"


def _read(file: Path) -> Receipt:
    try:
        return Receipt.model_validate_json(file.read_bytes())
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise CliError(f"{file} holds no receipt.", hint="Make one with 'ragworks receipts show ID --json'.") from error


def _path(receipt_id: str) -> str:
    return f"/api/receipts/{segment(receipt_id)}"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))
