"""`ragworks collections`: list, create, show, delete."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.frontend.cli.commands.chunking import described
from services.frontend.cli.commands.confirm import confirmed
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, output, plural, print_json, safe, table
from services.shared.contracts.chunking import ChunkingChoice
from services.shared.contracts.corpus import CountedCollection
from services.shared.contracts.receipts import DeletedWithReceipt
from services.shared.contracts.statistics import CollectionStatistics

_SHOWN_OTHERWISE = {
    "version_of", "index", "seed", "attributes", "chunking", "deduplication", "parsers", "metadata_schema",
}  # fmt: skip


def show_all(*, url: str | None, as_json: bool) -> None:
    """Every collection with its counts."""
    collections = _list(_gateway(url))
    if as_json:
        print_json([collection.model_dump(mode="json") for collection in collections])
        return
    shown = table(
        "collection", "documents", "failed", "chunks", "size", right=("documents", "failed", "chunks", "size")
    )
    for each in collections:
        failed = f"[bad]{each.failed_documents:,}[/]" if each.failed_documents else ""
        shown.add_row(
            f"[bold]{safe(each.name)}[/]", f"{each.documents:,}", failed, f"{each.chunks:,}", human_bytes(each.bytes)
        )
    output().print(shown if collections else "There are no collections yet: 'ragworks ingest' makes the first.")


@dataclass(frozen=True)
class Wanted:
    """A collection that is to be made; None is for what the platform has by default."""

    name: str
    chunking: ChunkingChoice | None
    parsers: dict[str, str]
    metadata_schema: dict[str, object] | None
    keep_copies: bool
    near: float | None


def create(wanted: Wanted, *, url: str | None, as_json: bool) -> None:
    """Make an empty collection, whose documents are parsed, cut and compared as chosen."""
    asked = {
        "name": wanted.name,
        "deduplication": {"exact": not wanted.keep_copies, "near": wanted.near},
        "chunking": None if wanted.chunking is None else wanted.chunking.model_dump(mode="json"),
        "parsers": wanted.parsers,
        "metadata_schema": wanted.metadata_schema,
    }
    made = CountedCollection.model_validate_json(_gateway(url).post("/api/collections", asked))
    _print_one(made, as_json=as_json, said=f"[ok]✓[/] The collection [bold]{safe(made.name)}[/] is there.")


def show(name: str, *, url: str | None, as_json: bool) -> None:
    """One collection in full, with what is in it."""
    gateway = _gateway(url)
    collection = _get(gateway, name)
    answer = gateway.get(f"/api/collections/{segment(name)}/statistics")
    counted = CollectionStatistics.model_validate_json(answer)
    if as_json:
        print_json({**collection.model_dump(mode="json"), "statistics": counted.model_dump(mode="json")})
        return
    grid = table("", "")
    grid.show_header = False
    for field, value in collection.model_dump(mode="json", exclude=_SHOWN_OTHERWISE).items():
        grid.add_row(f"[dim]{field.replace('_', ' ')}[/]", safe(f"{value:,}" if isinstance(value, int) else str(value)))
    pairs = ", ".join(f"{name}: {value}" for name, value in collection.attributes.items())
    grid.add_row("[dim]attributes[/]", safe(pairs))
    for field, shown in (*_choices(collection), *_statistics(counted)):
        grid.add_row(f"[dim]{field}[/]", safe(shown))
    output().print(grid)


def delete(name: str, *, yes: bool, url: str | None) -> None:
    """Delete a collection and its documents, after a question."""
    gateway = _gateway(url)
    collection = _get(gateway, name)
    confirmed(
        f"Delete [bold]{safe(collection.name)}[/] with {plural(collection.documents, 'document')}?",
        yes=yes,
    )
    answer = DeletedWithReceipt.model_validate_json(gateway.delete(f"/api/collections/{segment(name)}"))
    output().print(f"[ok]✓[/] The collection [bold]{safe(name)}[/] is deleted.")
    output().print(f"[dim]Receipt:[/] ragworks receipts verify {answer.receipt_id}")


def _choices(collection: CountedCollection) -> Iterator[tuple[str, str]]:
    """What was chosen for the collection."""
    yield "chunking", described(collection.chunking)
    for media_type, parser in collection.parsers.items():
        yield "parser", f"{parser} for {media_type}"
    if collection.metadata_schema is not None:
        fields = collection.metadata_schema.fields.items()
        yield "fields", ", ".join(f"{name}: {each.type}{' (required)' * each.required}" for name, each in fields)
    rules = collection.deduplication
    yield "equal files", "stored once" if rules.exact else "stored for each source"
    if rules.near is not None:
        yield "results", f"without those that share {rules.near:.0%} of their words with a better one"


def _statistics(counted: CollectionStatistics) -> Iterator[tuple[str, str]]:
    yield "equal to another", f"{counted.copies:,}"
    if counted.oldest and counted.newest:
        yield "ingested", f"{counted.oldest:%Y-%m-%d %H:%M} to {counted.newest:%Y-%m-%d %H:%M} UTC"
    for name, numbers in (("languages", counted.languages), ("formats", counted.media_types)):
        yield name, ", ".join(f"{value}: {number:,}" for value, number in numbers.items())
    yield "waiting", f"{counted.pending:,}"
    yield "failures", ", ".join(f"{code}: {number:,}" for code, number in counted.failures.items()) or "none"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))


def _list(gateway: Gateway) -> list[CountedCollection]:
    return [CountedCollection.model_validate(item) for item in gateway.items("/api/collections")]


def _get(gateway: Gateway, name: str) -> CountedCollection:
    return CountedCollection.model_validate_json(gateway.get(f"/api/collections/{segment(name)}"))


def _print_one(collection: CountedCollection, *, as_json: bool, said: str) -> None:
    if as_json:
        print_json(collection.model_dump(mode="json"))
    else:
        output().print(said)
