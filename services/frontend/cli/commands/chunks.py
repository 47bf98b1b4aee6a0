"""`ragworks chunks preview`: how a file would be cut."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.frontend.cli.commands.chunking import described
from services.frontend.cli.corpus.walk import LocalFile, hash_file, reason_of
from services.frontend.cli.exits import CliError
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.multipart import FileForm
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, output, plain, plural, print_json, safe
from services.shared.contracts.chunking import ChunkingChoice, ChunkPreview, PreviewedChunk, PreviewRequest


@dataclass(frozen=True)
class Preview:
    """How the file is to be parsed and cut; what is None is as the collection, else the platform, has it."""

    collection: str | None
    chunking: ChunkingChoice | None
    parsers: dict[str, str] | None
    limit: int


def preview(file: Path, wanted: Preview, *, url: str | None, as_json: bool) -> None:
    """Upload the file, show its chunks, delete it again."""
    gateway = open_gateway(running_settings(url=url))
    with _uploaded(gateway, file) as file_id:
        request = PreviewRequest(
            file_id=file_id,
            collection=wanted.collection,
            chunking=wanted.chunking,
            parsers=wanted.parsers,
            limit=wanted.limit,
        )
        answer = gateway.post("/api/chunks/preview", request.model_dump(mode="json"))
    found = ChunkPreview.model_validate_json(answer)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(output(), found)


@contextmanager
def _uploaded(gateway: Gateway, file: Path) -> Generator[str]:
    """The file in the platform, while the block runs."""
    if not file.is_file():
        raise CliError(f"{file} is not a file.")
    file_id = gateway.upload(_form(file))
    try:
        yield file_id
    finally:
        _delete(gateway, file_id)


def _form(file: Path) -> FileForm:
    try:
        hashed = hash_file(LocalFile(file, file.name))
    except OSError as error:
        raise CliError(f"{file} cannot be read: {reason_of(error)}.") from error
    return FileForm(file, name=file.name, size_bytes=hashed.size_bytes, sha256=hashed.sha256)


def _delete(gateway: Gateway, file_id: str) -> None:
    try:
        gateway.delete(f"/v1/files/{segment(file_id)}")
    except CliError as error:  # what was shown, or went wrong before, matters more
        notices().print(f"[warn]![/] The uploaded copy {safe(file_id)} was not deleted: {safe(error.message)}")


def _print(console: Console, found: ChunkPreview) -> None:
    pages = f" · {plural(found.pages, 'page')}" if found.pages else ""
    console.print(f"[bold]{safe(found.title)}[/] [dim]{safe(found.media_type)}{pages}[/]\n")
    for warning in found.warnings:
        notices().print(f"[warn]![/] {safe(warning)}")
    for chunk in found.chunks:
        _print_chunk(console, chunk)
    if len(found.chunks) < found.total:
        console.print(f"[dim]… and {found.total - len(found.chunks):,} more: see --limit[/]\n")
    spread = found.tokens
    console.print(
        f"{plural(found.total, 'chunk')} · tokens: min {spread.min}, median {spread.median:g}, max {spread.max} "
        f"[dim]({described(found.chunking)})[/]"
    )


def _print_chunk(console: Console, chunk: PreviewedChunk) -> None:
    page = f" · page {chunk.page}" if chunk.page is not None else ""
    page += f" · read in {chunk.parent[0]}-{chunk.parent[1]}" if chunk.parent else ""
    path = f" · {safe(' › '.join(chunk.headings))}" if chunk.headings else ""
    console.rule(f"[accent]{chunk.index}[/] · {plural(chunk.tokens, 'token')}{page}{path}", align="left", style="dim")
    console.print(plain(chunk.text), markup=False, soft_wrap=True)
    console.print()
