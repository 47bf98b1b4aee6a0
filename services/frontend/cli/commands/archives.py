"""`ragworks collections export`, `import` and `check-archive`."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from rich.markup import escape

from services.frontend.cli.corpus.archive import Archive, watched
from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, notices, output, plural, print_json, safe
from services.shared.contracts.archives import ImportedCollection

_BLOCK_BYTES = 1024 * 1024
_SHOWN_LEFT_OUT = 20


def export(name: str, file: Path, *, force: bool, url: str | None, as_json: bool) -> ExitCode:
    """Write a collection to a file, which is there only when it is complete and checked."""
    if file.exists() and not force:
        raise CliError(f"{file} is there already.", hint="Name another file, or replace it with --force.")
    gateway = open_gateway(running_settings(url=url))
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with _opened(unfinished) as write, gateway.download(f"/api/collections/{segment(name)}/export") as blocks:
            archive = _passed("exporting", blocks, write)
        with _write_errors(file):
            unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    _print(archive, f"[ok]✓[/] [bold]{safe(name)}[/] is exported to {escape(str(file))}", file, as_json=as_json)
    return ExitCode.PARTLY if archive.manifest.left_out_total else ExitCode.OK


def import_(file: Path, *, name: str | None, re_embed: bool, url: str | None, as_json: bool) -> None:
    """Check an archive, then send it; the collection is there when this returns."""
    archive = _passed("checking", _read(file), _ignored)
    gateway = open_gateway(running_settings(url=url))
    asked = {"re_embed": "true"} if re_embed else {}
    query = urlencode({"name": name or archive.header.collection.name, **asked})
    with watched("importing") as watch:
        answer = gateway.send(f"/api/imports?{query}", watch.passing(_read(file)), size=archive.bytes)
    imported = ImportedCollection.model_validate_json(answer)
    if as_json:
        print_json(imported.model_dump(mode="json"))
        return
    ids = "their ids are those they had" if imported.kept_ids else "with new ids, as the former are in use"
    output().print(
        f"[ok]✓[/] [bold]{safe(imported.collection.name)}[/] is there: {plural(imported.documents, 'document')} "
        f"({ids}), {plural(imported.chunks, 'chunk')}, {plural(imported.originals, 'original')}."
    )
    for job in imported.jobs:
        output().print(f"[dim]Its documents are embedded anew:[/] ragworks jobs watch {job}")


def check(file: Path, *, as_json: bool) -> None:
    """Read an archive to its end and compare every checksum."""
    archive = _passed("checking", _read(file), _ignored)
    made = f"{archive.header.created_at:%Y-%m-%d %H:%M}"
    said = f"[ok]✓[/] {escape(str(file))} is complete and unchanged: {safe(archive.header.collection.name)} of {made}"
    _print(archive, said, file, as_json=as_json)


def _passed(stage: str, blocks: Iterator[bytes], take: Callable[[bytes], object]) -> Archive:
    with watched(stage) as watch:
        for block in watch.passing(blocks):
            take(block)
        return watch.archive()


@contextmanager
def _opened(file: Path) -> Generator[Callable[[bytes], None]]:
    """A file to write, whose bytes are on the disk afterwards."""
    with _write_errors(file):
        target = file.open("wb")
    with target:

        def write(block: bytes) -> None:
            with _write_errors(file):
                target.write(block)

        yield write
        with _write_errors(file):
            target.flush()
            os.fsync(target.fileno())


@contextmanager
def _write_errors(file: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise CliError(f"{file} could not be written: {error.strerror or error}.") from error


def _ignored(_: bytes) -> None:
    pass


def _print(archive: Archive, said: str, file: Path, *, as_json: bool) -> None:
    manifest = archive.manifest
    if as_json:
        collection = archive.header.collection
        counts = {"file": str(file), "bytes": archive.bytes, "sha256": archive.sha256, "collection": collection.name}
        more = {"embedding_model": collection.embedding_model, "created_at": archive.header.created_at.isoformat()}
        print_json({**counts, **more, **manifest.model_dump(mode="json")})
        return
    output().print(
        f"{said}: {plural(manifest.documents, 'document')}, {plural(manifest.chunks, 'chunk')}, "
        f"{plural(manifest.originals, 'original')}, {human_bytes(archive.bytes)}."
    )
    output().print(f"[dim]SHA-256[/] {archive.sha256}")
    if manifest.left_out_total:
        notices().print(f"[warn]{plural(manifest.left_out_total, 'document')} left out:[/]")
        for each in manifest.left_out[:_SHOWN_LEFT_OUT]:
            notices().print(f"  {safe(each.source)} [dim]— {safe(each.reason)}[/]")


def _read(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                yield block
    except OSError as error:
        raise CliError(f"{file} could not be read: {error.strerror or error}.") from error
