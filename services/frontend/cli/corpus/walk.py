"""Finds the files to ingest: folders are walked, and what cannot be read is reported instead of stopping the rest."""

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class LocalFile:
    """A file to ingest; `source` is the name the platform knows it by."""

    path: Path
    source: str


@dataclass(frozen=True)
class LocalFailure:
    """A file or folder that could not be read here."""

    source: str
    reason: str


@dataclass
class Found:
    """What a walk found."""

    files: list[LocalFile] = field(default_factory=list[LocalFile])
    failures: list[LocalFailure] = field(default_factory=list[LocalFailure])
    hidden: int = 0
    excluded: int = 0


@dataclass(frozen=True)
class HashedFile:
    """A file with its version, the SHA-256 of its bytes."""

    file: LocalFile
    sha256: str
    size_bytes: int


def find_files(
    paths: Sequence[Path],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    relative_to: Path | None = None,
) -> Found:
    """The files under the paths, each once, in a stable order.

    Hidden files and folders inside a folder are counted and skipped. A folder reached twice (through a symbolic
    link, say) is walked once. Globs are matched against a file's name and its path below the folder given.
    """
    found = Found()
    walk = _Walk(found, include=include, exclude=exclude, relative_to=relative_to)
    for path in paths:
        walk.add(Path(os.path.abspath(path.expanduser())))  # noqa: PTH100 - keeps symbolic links in names
    return found


def hash_file(file: LocalFile) -> HashedFile:
    """The file with its hash.

    Raises:
        OSError: it cannot be read.
    """
    with file.path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        return HashedFile(file, sha256=digest, size_bytes=content.tell())


def reason_of(error: OSError) -> str:
    """An operating system's error in a few words."""
    return (error.strerror or str(error)).lower()


class _Walk:
    def __init__(
        self, found: Found, *, include: Sequence[str], exclude: Sequence[str], relative_to: Path | None
    ) -> None:
        self._found = found
        self._include = include
        self._exclude = exclude
        self._base = None if relative_to is None else Path(os.path.abspath(relative_to))  # noqa: PTH100
        self._folders_seen: set[tuple[int, int]] = set()
        self._sources_seen: set[str] = set()

    def add(self, path: Path) -> None:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            self._fail(path, _reason_at(path, error))
            return
        if is_folder:
            self._add_folder(path, root=path)
        else:
            self._add_file(path, below=path.name, filtered=False)

    def _add_folder(self, folder: Path, *, root: Path) -> None:
        try:
            identity = folder.stat()
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._fail(folder, _reason_at(folder, error))
            return
        if (identity.st_dev, identity.st_ino) in self._folders_seen:
            return
        self._folders_seen.add((identity.st_dev, identity.st_ino))
        for entry in self._visible(entries):
            path = folder / entry.name
            if _is_folder(entry):
                self._add_folder(path, root=root)
            else:
                self._add_file(path, below=path.relative_to(root).as_posix(), filtered=True)

    def _visible(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            if entry.name.startswith("."):
                self._found.hidden += 1
            else:
                yield entry

    def _add_file(self, path: Path, *, below: str, filtered: bool) -> None:
        if filtered and not self._wanted(below):
            self._found.excluded += 1
            return
        try:
            mode = path.stat().st_mode
        except OSError as error:
            self._fail(path, _reason_at(path, error))
            return
        if not stat.S_ISREG(mode):
            self._fail(path, f"not a regular file but a {_kind(mode)}")
            return
        source = self._source(path)
        if source not in self._sources_seen:
            self._sources_seen.add(source)
            self._found.files.append(LocalFile(path, source))

    def _wanted(self, below: str) -> bool:
        if self._include and not _matches(below, self._include):
            return False
        return not _matches(below, self._exclude)

    def _source(self, path: Path) -> str:
        if self._base is not None and path.is_relative_to(self._base):
            return path.relative_to(self._base).as_posix()
        return path.as_posix()

    def _fail(self, path: Path, reason: str) -> None:
        self._found.failures.append(LocalFailure(self._source(path), reason))


def _matches(below: str, globs: Sequence[str]) -> bool:
    name = below.rsplit("/", maxsplit=1)[-1]
    return any(fnmatch.fnmatch(below, glob) or fnmatch.fnmatch(name, glob) for glob in globs)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, say: taken for a file, it is reported
        return False


def _reason_at(path: Path, error: OSError) -> str:
    if path.is_symlink() and isinstance(error, FileNotFoundError):
        return f"a symbolic link to nothing ({path.readlink()})"
    return reason_of(error)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "named pipe",
        stat.S_IFSOCK: "socket",
        stat.S_IFCHR: "device",
        stat.S_IFBLK: "device",
    }
    return kinds.get(stat.S_IFMT(mode), "special file")
