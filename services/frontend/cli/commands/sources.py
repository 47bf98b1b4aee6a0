"""`ragworks sources`: what collections are kept in step with."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from services.frontend.cli.commands.confirm import confirmed
from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import Gateway, GatewayError, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, human_seconds, output, plural, print_json, safe, table
from services.shared.contracts.receipts import DeletedSource
from services.shared.contracts.sources import Source, SourceItem

_UNITS = {"m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True)
class Rules:
    """What of a source is wanted, and when."""

    include: list[str]
    exclude: list[str]
    every: str | None
    cron: str | None
    attributes: Mapping[str, str | float | bool] = field(default_factory=dict[str, str | float | bool])


def add(
    name: str,
    given: Mapping[str, dict[str, object] | None],
    *,
    collection: str,
    rules: Rules,
    url: str | None,
    as_json: bool,
) -> None:
    """Declare a source of exactly one kind, and make its collection when there is none."""
    configs = [{"kind": kind, **config} for kind, config in given.items() if config is not None]
    if len(configs) != 1:
        raise CliError(
            "Name exactly one place: --folder, --web, --git, --bucket, --connector or --file-id.",
            exit_code=ExitCode.USAGE,
        )
    config = {key: value for key, value in configs[0].items() if value is not None}
    gateway = open_gateway(running_settings(url=url))
    _ensure_collection(gateway, collection)
    body = {
        "name": name,
        "collection": collection,
        "config": config,
        "include": rules.include,
        "exclude": rules.exclude,
        "schedule": schedule_of(rules),
        "attributes": dict(rules.attributes),
    }
    source = Source.model_validate_json(gateway.post("/api/sources", body))
    if as_json:
        print_json(source.model_dump(mode="json"))
        return
    output().print(
        f"[ok]✓[/] The source [bold]{safe(source.name)}[/] of '{safe(source.collection)}' is declared. "
        f"[dim]See what it holds:[/] ragworks sync plan {safe(source.name)}"
    )


def show_all(*, collection: str | None, url: str | None, as_json: bool) -> None:
    """One a line."""
    query = {"collection": collection} if collection else {}
    found = [
        Source.model_validate(item) for item in open_gateway(running_settings(url=url)).items("/api/sources", query)
    ]
    if as_json:
        print_json([source.model_dump(mode="json") for source in found])
        return
    shown = table("source", "collection", "kind", "place", "items", "failed", "schedule", right=("items", "failed"))
    for source in found:
        shown.add_row(
            f"[bold]{safe(source.name)}[/]",
            safe(source.collection),
            source.config.kind,
            safe(_place(source)),
            f"{source.items:,}",
            f"[bad]{source.failed_items:,}[/]" if source.failed_items else "",
            _schedule(source),
        )
    output().print(shown if found else "There are no sources yet: 'ragworks sources add --help' shows how to add one.")


def show(name: str, *, url: str | None, as_json: bool) -> None:
    """One source in full."""
    source = Source.model_validate_json(open_gateway(running_settings(url=url)).get(path_of(name)))
    if as_json:
        print_json(source.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for fact, value in _facts(source):
        grid.add_row(f"[dim]{fact}[/]", value)
    output().print(grid)


def show_items(name: str, *, failed: bool, url: str | None, as_json: bool) -> None:
    """Every item as the last sync left it."""
    query = {"order": "asc", **({"status": "failed"} if failed else {})}
    items = open_gateway(running_settings(url=url)).items(f"{path_of(name)}/items", query)
    found = [SourceItem.model_validate(item) for item in items]
    if as_json:
        print_json([item.model_dump(mode="json") for item in found])
        return
    shown = table("item", "state", "size", "reason", right=("size",))
    for item in found:
        state = item.status.value if item.reason is None else f"[bad]{item.status.value}[/]"
        reason = f"[warn]{safe(item.reason.code)}[/] {safe(item.reason.message)}" if item.reason else ""
        shown.add_row(safe(item.key), state, "" if item.bytes is None else human_bytes(item.bytes), reason)
    output().print(shown if found else "There are no such items.")


def remove(name: str, *, delete_documents: bool, yes: bool, url: str | None, as_json: bool) -> None:
    """Forget a source; with its documents there is a receipt."""
    gateway = open_gateway(running_settings(url=url))
    source = Source.model_validate_json(gateway.get(path_of(name)))
    if delete_documents:
        what = f"the {plural(source.items, 'document')} it brought"
        confirmed(f"Delete the source [bold]{safe(source.name)}[/] and {what}?", yes=yes)
    wanted = "delete" if delete_documents else "keep"
    answer = DeletedSource.model_validate_json(gateway.delete(f"{path_of(name)}?documents={wanted}"))
    if as_json:
        print_json(answer.model_dump(mode="json"))
        return
    kept = "its documents are being deleted" if delete_documents else "its documents stay"
    output().print(f"[ok]✓[/] The source [bold]{safe(source.name)}[/] is removed; {kept}.")
    if answer.receipt_id:
        output().print(f"[dim]Receipt:[/] ragworks receipts verify {answer.receipt_id} --wait")


def path_of(name: str) -> str:
    """Where the API has the source."""
    return f"/api/sources/{segment(name)}"


def schedule_of(rules: Rules) -> dict[str, object] | None:
    """The schedule as the API takes it.

    Raises:
        CliError: the interval cannot be read.
    """
    if rules.every is None and rules.cron is None:
        return None
    if rules.every is not None and rules.cron is not None:
        raise CliError("Give either --every or --cron.", exit_code=ExitCode.USAGE)
    if rules.cron is not None:
        return {"cron": rules.cron}
    return {"every_seconds": _seconds(rules.every or "")}


def connector_config(connector: str | None, *, full_every: str | None) -> dict[str, object] | None:
    """The config of a connector's source, if one is named.

    Raises:
        CliError: the interval cannot be read.
    """
    if connector is None:
        return None
    return {"connector": connector, "full_every_seconds": _seconds(full_every) if full_every else None}


def _seconds(interval: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([mhd])", interval)
    if found is None:
        raise CliError(
            f"'{interval}' is no interval.",
            hint="Use minutes, hours or days: 30m, 6h, 1d.",
            exit_code=ExitCode.USAGE,
        )
    return int(found[1]) * _UNITS[found[2]]


def _ensure_collection(gateway: Gateway, name: str) -> None:
    try:
        gateway.get(f"/api/collections/{segment(name)}")
    except GatewayError as error:
        if error.code != "collection_not_found":
            raise
        gateway.post("/api/collections", {"name": name})


def _place(source: Source) -> str:
    config = source.config
    match config.kind:
        case "folder":
            return config.path
        case "files":
            return plural(len(config.file_ids), "file")
        case "connector":
            return config.connector
        case _:
            return config.url


def _schedule(source: Source) -> str:
    schedule = source.schedule
    if schedule is None:
        return ""
    return safe(schedule.cron) if schedule.cron else f"every {human_seconds(schedule.every_seconds or 0)}"


def _facts(source: Source) -> Iterator[tuple[str, str]]:
    yield "source", f"[bold]{safe(source.name)}[/] [dim]{safe(source.id)}[/]"
    yield "collection", safe(source.collection)
    for name, value in source.config.model_dump(exclude_none=True).items():
        yield name, safe(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    if source.include:
        yield "include", safe(", ".join(source.include))
    if source.exclude:
        yield "exclude", safe(", ".join(source.exclude))
    if source.attributes:
        yield "attributes", safe(", ".join(f"{name}: {value}" for name, value in source.attributes.items()))
    yield "schedule", _schedule(source) or "none"
    if source.next_sync_at is not None:
        yield "next sync", f"{source.next_sync_at:%Y-%m-%d %H:%M:%S %Z}"
    yield "items", f"{source.items:,}"
    yield "failed", f"[bad]{source.failed_items:,}[/]" if source.failed_items else "0"
    yield "last sync", safe(source.last_sync or "none")
