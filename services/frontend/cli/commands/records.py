"""`ragworks records`: what is kept of answers."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from services.frontend.cli.commands.feedback import in_words
from services.frontend.cli.exits import CliError
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, notices, output, place, print_json, safe, table
from services.shared.contracts.answers import Verdict
from services.shared.contracts.records import Rating, Record, RecordSummary

_RECORDS = "/api/records"
_SHOWN_CHARS = 60
_THUMBS = {Rating.UP: "[ok]up[/]", Rating.DOWN: "[bad]down[/]"}


def query(
    collection: str | None,
    conversation: str | None,
    abstained: bool | None,
    unsupported: bool | None,
    feedback: str | None,
    text: str | None,
    since: str | None,
    until: str | None,
) -> dict[str, str | int]:
    """The listing's filters, without those that were left out."""
    flags = {"abstained": abstained, "unsupported": unsupported}
    texts = {"collection": collection, "conversation": conversation, "feedback": feedback, "q": text}
    given = {name: str(value).lower() for name, value in flags.items() if value is not None}
    return {**given, **{k: v for k, v in {**texts, "since": since, "until": until}.items() if v is not None}}


def show_all(wanted: dict[str, str | int], *, limit: int, url: str | None, as_json: bool) -> None:
    """The newest records, one a line."""
    items = islice(_gateway(url).items(_RECORDS, wanted), limit)
    found = [RecordSummary.model_validate(item) for item in items]
    if as_json:
        print_json([record.model_dump(mode="json") for record in found])
        return
    shown = table("record", "asked", "collection", "question", "outcome", "feedback")
    for each in found:
        shown.add_row(
            f"[bold]{safe(each.id)}[/]",
            f"{each.created_at:%Y-%m-%d %H:%M}",
            safe(each.collection),
            safe(_shortened(each.question)) if each.question else "[dim]not kept[/]",
            _outcome(each),
            _thumbs(each),
        )
    output().print(shown if found else "Nothing is kept that fits.")


def show(record_id: str, *, url: str | None, as_json: bool) -> None:
    """One record: the answer, what it was checked against, and what it took."""
    record = Record.model_validate_json(_gateway(url).get(_path(record_id)))
    if as_json:
        print_json(record.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for name, value in _facts(record):
        grid.add_row(f"[dim]{name}[/]", value)
    output().print(grid)
    _print_claims(record)
    _print_passages(record)


def export(wanted: dict[str, str | int], *, to: Path | None, url: str | None) -> None:
    """All records that fit, as JSON Lines.

    Raises:
        CliError: the file cannot be written.
    """
    address = f"{_RECORDS}/export" + (f"?{urlencode(wanted)}" if wanted else "")
    size = 0
    try:
        target = nullcontext(sys.stdout.buffer) if to is None else to.open("wb")
        with target as file, _gateway(url).download(address) as blocks:
            for block in blocks:
                size += file.write(block)
    except BrokenPipeError:
        return  # the reader has enough
    except OSError as error:
        raise CliError(f"{to} cannot be written: {error.strerror}.") from error
    if to is not None:
        notices().print(f"[ok]✓[/] {human_bytes(size)} in {safe(str(to))}")


def delete(record_id: str, *, url: str | None, as_json: bool) -> None:
    """Forget one."""
    _gateway(url).delete(_path(record_id))
    if as_json:
        print_json({"id": record_id, "deleted": True})
    else:
        output().print(f"[ok]✓[/] {safe(record_id)} is deleted.")


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    yield "record", f"[bold]{safe(record.id)}[/]"
    yield "request", safe(record.request_id or "")
    yield "asked", f"{record.created_at:%Y-%m-%d %H:%M:%S %Z} by {safe(record.principal or 'nobody known')}"
    yield "collection", safe(record.collection)
    if record.conversation:
        yield "conversation", safe(record.conversation)
    yield "question", safe(record.question) if record.question is not None else f"[dim]not kept: {record.level}[/]"
    if record.query:
        yield "searched for", safe(record.query)
    if record.answer is not None:
        yield "answer", safe(record.answer)
    yield "outcome", _outcome(record)
    yield "model", safe(record.model or "none was asked")
    yield "tokens", f"{record.usage.prompt_tokens:,} in, {record.usage.completion_tokens:,} out"
    yield "milliseconds", ", ".join(f"{safe(name)} {value:,.0f}" for name, value in record.timings_ms.items())
    if record.feedback:
        yield "feedback", safe(in_words(record.feedback))


def _print_claims(record: Record) -> None:
    if not record.claims:
        return
    output().print("\n[bold]Claims[/]")
    for claim in record.claims:
        numbers = " ".join(f"[{each.number}]" for each in claim.evidence)
        mark = "[ok]✓[/]" if claim.verdict is Verdict.SUPPORTED else "[bad]✗[/]"
        output().print(f"  {mark} {safe(_shortened(claim.text, 200) or '…')} [dim]{claim.verdict} {safe(numbers)}[/]")


def _print_passages(record: Record) -> None:
    if not record.passages:
        return
    output().print("\n[bold]Passages[/]")
    for each in record.passages:
        unread = "" if each.in_prompt else " [dim](not read)[/]"
        where = place(each.title or "", source=each.source or each.document_id, page=each.page)
        output().print(f"  [accent]\\[{each.number}][/] {each.scores.fused:.2f} {where}{unread}")


def _outcome(record: RecordSummary) -> str:
    if record.finish_reason in {"cancelled", "failed"}:
        return f"[warn]{record.finish_reason}[/] {safe(record.error_code or '')}".rstrip()
    if record.abstained:
        return "[warn]no answer[/]"
    if record.unsupported_claims:
        return f"[warn]{record.unsupported_claims} unsupported[/]"
    return "[ok]supported[/]"


def _thumbs(record: RecordSummary) -> str:
    if record.feedback is None:
        return ""
    return _THUMBS[record.feedback.rating] if record.feedback.rating else "[dim]said[/]"


def _shortened(text: str, chars: int = _SHOWN_CHARS) -> str:
    words = " ".join(text.split())
    return words if len(words) <= chars else words[:chars].rsplit(" ", 1)[0] + " …"


def _path(record_id: str) -> str:
    return f"{_RECORDS}/{segment(record_id)}"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))
