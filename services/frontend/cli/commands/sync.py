"""`ragworks sync`: plans, runs and watches syncs."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from rich.console import Console

from services.frontend.cli.commands.sources import path_of
from services.frontend.cli.exits import CliError, ExitCode, InterruptedByUserError
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.patience import with_patience
from services.frontend.cli.settings import CliSettings, running_settings
from services.frontend.cli.terminal import (
    human_bytes,
    human_seconds,
    notices,
    output,
    plural,
    print_json,
    safe,
    table,
)
from services.shared.contracts.sources import Change, Sync, SyncChange, SyncPlan, SyncStage, SyncStatus

_POLL_S = 0.5
_SHOWN_CHANGES = 200
_STAGES = {
    SyncStage.LIST: "listing",
    SyncStage.COMPARE: "comparing",
    SyncStage.FETCH: "fetching",
    SyncStage.INGEST: "ingesting",
    SyncStage.DELETE: "deleting",
    SyncStage.END: "done",
}
_STYLES = {SyncStatus.COMPLETED: "ok", SyncStatus.FAILED: "bad", SyncStatus.CANCELLED: "warn"}


def plan(name: str, *, changes: bool, url: str | None, as_json: bool) -> ExitCode:
    """What a sync would do."""
    settings = running_settings(url=url)
    gateway = open_gateway(settings)
    sync = _until_ended(gateway, settings, _start(gateway, name, "plan", {}))
    found = list(_changes(gateway, sync)) if changes else []
    if as_json:
        print_json({**sync.model_dump(mode="json"), **({"changes": found} if changes else {})})
    elif sync.plan is None:
        raise CliError(sync.error or f"The plan is {sync.status.value}.")
    else:
        _print_plan(sync, sync.plan)
        _print_changes(found)
    return ExitCode.OK if sync.status is SyncStatus.COMPLETED else ExitCode.FAILED


def run(name: str, *, allow_deletes: bool, full: bool, wait: bool, url: str | None, as_json: bool) -> ExitCode:
    """A sync, watched to its end unless told otherwise."""
    settings = running_settings(url=url)
    gateway = open_gateway(settings)
    sync = _start(gateway, name, "sync", {"allow_deletes": allow_deletes, "full": full})
    if wait:
        sync = _until_ended(gateway, settings, sync)
    if as_json:
        print_json(sync.model_dump(mode="json"))
    elif wait:
        _print_outcome(sync)
    else:
        output().print(f"[ok]✓[/] {safe(sync.id)} is queued. [dim]Watch it:[/] ragworks sync status {safe(name)}")
    return _exit_code(sync, waited=wait)


def status(name: str, *, url: str | None, as_json: bool) -> None:
    """The newest syncs and plans."""
    items = open_gateway(running_settings(url=url)).items(f"{path_of(name)}/syncs")
    found = [Sync.model_validate(item) for item in islice(items, 10)]
    if as_json:
        print_json([sync.model_dump(mode="json") for sync in found])
        return
    shown = table("sync", "", "status", "listed", "done", "unchanged", "deleted", "failed", "age", "")
    for sync in found:
        style = _STYLES.get(sync.status, "accent")
        shown.add_row(
            safe(sync.id),
            "plan" if sync.dry_run else "sync",
            f"[{style}]{sync.status.value}[/]",
            f"{sync.listed:,}",
            f"{sync.ingested + sync.renamed:,}",
            f"{sync.unchanged:,}",
            f"{sync.deleted:,}",
            f"[bad]{sync.failed:,}[/]" if sync.failed else "",
            human_seconds((datetime.now(UTC) - sync.created_at).total_seconds()),
            safe(_note(sync)),
        )
    output().print(shown if found else f"There was no sync yet: ragworks sync run {safe(name)}")


def cancel(name: str, *, url: str | None, as_json: bool) -> None:
    """End what is at work."""
    gateway = open_gateway(running_settings(url=url))
    newest = [Sync.model_validate(item) for item in islice(gateway.items(f"{path_of(name)}/syncs"), 1)]
    if not newest or newest[0].finished_at is not None:
        raise CliError(f"No sync of '{name}' is at work.")
    sync = Sync.model_validate_json(gateway.post(f"{_path(newest[0])}/cancel", {}))
    if as_json:
        print_json(sync.model_dump(mode="json"))
    else:
        output().print("[ok]✓[/] The sync ends as soon as its worker sees this; what it did so far stays.")


def _start(gateway: Gateway, name: str, what: str, body: dict[str, object]) -> Sync:
    return Sync.model_validate_json(gateway.post(f"{path_of(name)}/{what}", body))


def _path(sync: Sync) -> str:
    return f"/api/syncs/{segment(sync.id)}"


def _until_ended(gateway: Gateway, settings: CliSettings, sync: Sync) -> Sync:
    console = notices()
    try:
        with console.status(_line(sync), spinner_style="accent") as shown:
            while sync.finished_at is None:
                time.sleep(_POLL_S)
                sync = with_patience(
                    lambda current=sync: Sync.model_validate_json(gateway.get(_path(current))),
                    patience_s=settings.patience_s,
                    stop=threading.Event(),
                )
                shown.update(_line(sync))
    except KeyboardInterrupt as error:
        raise InterruptedByUserError(
            "Stopped watching; the sync goes on.",
            hint=f"See it with 'ragworks sync status {sync.source}', end it with 'ragworks sync cancel {sync.source}'.",
        ) from error
    return sync


def _line(sync: Sync) -> str:
    """How far it is, in one line."""
    if sync.status is SyncStatus.QUEUED:
        return "queued"
    parts = [f"{_STAGES[sync.stage]}", f"{sync.listed:,} listed"]
    counted = {"fetched": sync.fetched, "ingested": sync.ingested, "pending": sync.pending, "failed": sync.failed}
    parts += [f"{count:,} {name}" for name, count in counted.items() if count]
    if sync.eta_seconds is not None:
        parts.append(f"{human_seconds(sync.eta_seconds)} left")
    return " · ".join([*parts, *([safe(sync.error)] if sync.error else [])])


def _note(sync: Sync) -> str:
    return _line(sync) if sync.finished_at is None else sync.error or ""


def _print_plan(sync: Sync, planned: SyncPlan) -> None:
    shown = table("", "items", right=("items",))
    for change in ("adds", "updates", "renames", "deletes", "unchanged", "unlisted"):
        shown.add_row(change, f"{getattr(planned, change):,}")
    output().print(shown)
    takes = [human_bytes(planned.bytes) + " to fetch", f"about {plural(planned.chunks, 'chunk')} to embed"]
    if planned.seconds is not None:
        takes.append(f"about {human_seconds(planned.seconds)}")
    if planned.price is not None:
        takes.append(f"at most {planned.price:,.4f} for {planned.tokens_at_most:,} tokens")
    output().print(f"\n{' · '.join(takes)} [dim](estimated from {planned.chunks_from})[/]")
    if planned.needs_confirmation:
        output().print(f"[warn]![/] {safe(planned.needs_confirmation)}")
    else:
        output().print(f"[dim]Do it:[/] ragworks sync run {safe(sync.source)}")


def _changes(gateway: Gateway, sync: Sync) -> Iterator[object]:
    for change in (Change.ADD, Change.UPDATE, Change.RENAME, Change.DELETE):
        yield from gateway.items(f"{_path(sync)}/changes", {"change": change.value})


def _print_changes(found: list[object]) -> None:
    signs = {Change.ADD: "[ok]+[/]", Change.UPDATE: "[accent]~[/]", Change.RENAME: "→", Change.DELETE: "[bad]-[/]"}
    for item in found[:_SHOWN_CHANGES]:
        change = SyncChange.model_validate(item)
        former = f"{safe(change.former_key)} → " if change.former_key else ""
        output().print(f"{signs[change.change]} {former}{safe(change.key)}")
    if len(found) > _SHOWN_CHANGES:
        output().print(f"[dim]… and {len(found) - _SHOWN_CHANGES:,} more; --json has all.[/]")


def _print_outcome(sync: Sync) -> None:
    console: Console = output()
    counted = {
        "ingested": sync.ingested,
        "renamed": sync.renamed,
        "deleted": sync.deleted,
        "unchanged": sync.unchanged,
    }
    said = " · ".join(f"{count:,} {name}" for name, count in counted.items() if count) or "nothing to do"
    failed = f" · [bad]{sync.failed:,} failed[/]" if sync.failed else ""
    ok = sync.status is SyncStatus.COMPLETED and not sync.failed
    seconds = ((sync.finished_at or sync.created_at) - sync.created_at).total_seconds()
    console.print(f"{'[ok]✓[/]' if ok else '[bad]✗[/]'} {said}{failed} [dim]({human_seconds(seconds)})[/]")
    if sync.error:
        console.print(f"[bad]✗[/] {safe(sync.error)}")
    if sync.failed:
        console.print(f"[dim]See why:[/] ragworks sources items {safe(sync.source)} --failed")


def _exit_code(sync: Sync, *, waited: bool) -> ExitCode:
    if not waited:
        return ExitCode.OK
    if sync.status is not SyncStatus.COMPLETED:
        return ExitCode.FAILED
    return ExitCode.PARTLY if sync.failed else ExitCode.OK
