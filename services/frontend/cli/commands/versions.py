"""`ragworks collections versions`, `rebuild`, `switch`, `rollback` and `drop-version`."""

from services.frontend.cli.commands.confirm import confirmed
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, print_json, safe, table
from services.shared.contracts.chunking import Chunking
from services.shared.contracts.versions import CollectionVersion, CreateVersion


def show_all(name: str, *, url: str | None, as_json: bool) -> None:
    """Every version, the newest first."""
    found = [CollectionVersion.model_validate(item) for item in _gateway(url).items(_path(name))]
    if as_json:
        print_json([version.model_dump(mode="json") for version in found])
        return
    shown = table("version", "", "model", "chunking", "documents", "chunks", "missing", "search it as")
    for each in found:
        shown.add_row(
            f"[bold]{each.number}[/]",
            _state(each),
            safe(each.embedding_model),
            _chunking(each.chunking),
            f"{each.documents:,}",
            f"{each.chunks:,}",
            f"[bad]{each.missing:,}[/]" if each.failed else f"{each.missing:,}",
            safe(each.collection),
        )
    output().print(shown)
    for each in found:
        if each.waits_for:
            output().print(f"[dim]Version {each.number}:[/] {safe(each.waits_for)}")


def rebuild(name: str, order: CreateVersion, *, url: str | None, as_json: bool) -> None:
    """Begin to build another version."""
    made = CollectionVersion.model_validate_json(_gateway(url).post(_path(name), order.model_dump(mode="json")))
    watching = f" [dim]Watch it:[/] ragworks jobs watch {made.job_id}" if made.job_id else ""
    then = (
        "becomes the active one when it is complete" if order.switch else f"can be searched as {safe(made.collection)}"
    )
    _print(
        made, f"[ok]✓[/] Version {made.number} of [bold]{safe(name)}[/] is being built; it {then}.{watching}", as_json
    )


def switch(name: str, number: int, *, force: bool, url: str | None, as_json: bool) -> None:
    """Make a version the active one."""
    answer = _gateway(url).post(f"{_path(name)}/{number}/switch", {"force": force})
    _print_switch(name, CollectionVersion.model_validate_json(answer), as_json)


def rollback(name: str, *, url: str | None, as_json: bool) -> None:
    """Make the former version the active one."""
    answer = _gateway(url).post(f"/api/collections/{segment(name)}/rollback", {})
    _print_switch(name, CollectionVersion.model_validate_json(answer), as_json)


def drop(name: str, number: int, *, yes: bool, url: str | None) -> None:
    """Delete a version, after a question."""
    confirmed(f"Delete version {number} of [bold]{safe(name)}[/]?", yes=yes)
    _gateway(url).delete(f"{_path(name)}/{number}")
    output().print(f"[ok]✓[/] Version {number} of [bold]{safe(name)}[/] is deleted.")


def _print_switch(name: str, version: CollectionVersion, as_json: bool) -> None:
    if version.active:
        said = f"[ok]✓[/] Version {version.number} of [bold]{safe(name)}[/] is the active one; searches find it now."
    else:
        said = f"Version {version.number} of [bold]{safe(name)}[/] follows: {safe(version.waits_for or '')}"
    _print(version, said, as_json)


def _print(version: CollectionVersion, said: str, as_json: bool) -> None:
    if as_json:
        print_json(version.model_dump(mode="json"))
    else:
        output().print(said)


def _state(version: CollectionVersion) -> str:
    if version.active:
        return "[ok]active[/]"
    if version.switching:
        return "[accent]building[/]"
    if version.failed:
        return "[bad]incomplete[/]"
    return "[warn]catching up[/]" if version.missing else "up to date"


def _chunking(chosen: Chunking | None) -> str:
    if chosen is None:
        return "default"
    return f"{chosen.chunker} {chosen.max_tokens}/{chosen.parent_tokens or chosen.overlap_tokens}"


def _path(name: str) -> str:
    return f"/api/collections/{segment(name)}/versions"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))
