"""Which files an ingest takes from a folder, and what it says about the others."""

import os
from pathlib import Path

import pytest

from services.frontend.cli.corpus.walk import Found, find_files, hash_file


def write(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(found: Found) -> list[str]:
    return [file.path.name for file in found.files]


def test_folders_are_walked_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b/two.md", "a/one.md", "three.md"):
        write(tmp_path / name)
    assert names(find_files([tmp_path])) == ["one.md", "two.md", "three.md"]


def test_sources_are_absolute_unless_a_base_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "folder" / "note.md")
    monkeypatch.chdir(tmp_path)
    assert find_files([Path("folder")]).files[0].source == f"{tmp_path.as_posix()}/folder/note.md"
    assert find_files([Path("folder")], relative_to=tmp_path).files[0].source == "folder/note.md"


def test_hidden_files_and_folders_are_counted_and_skipped(tmp_path: Path) -> None:
    write(tmp_path / ".git" / "config")
    write(tmp_path / ".env")
    write(tmp_path / "seen.md")
    found = find_files([tmp_path])
    assert (names(found), found.hidden) == (["seen.md"], 2)


def test_a_hidden_file_that_is_named_is_taken(tmp_path: Path) -> None:
    assert names(find_files([write(tmp_path / ".notes.md")])) == [".notes.md"]


def test_globs_choose_by_name_and_by_path_below_the_folder(tmp_path: Path) -> None:
    for name in ("keep.md", "drafts/draft.md", "picture.png"):
        write(tmp_path / name)
    found = find_files([tmp_path], include=["*.md"], exclude=["drafts/*"])
    assert (names(found), found.excluded) == (["keep.md"], 2)


def test_a_loop_of_symbolic_links_ends(tmp_path: Path) -> None:
    write(tmp_path / "folder" / "note.md")
    (tmp_path / "folder" / "again").symlink_to(tmp_path)
    assert names(find_files([tmp_path])) == ["note.md"]


def test_a_link_to_itself_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "note.md")
    (tmp_path / "itself").symlink_to("itself")
    found = find_files([tmp_path])
    assert names(found) == ["note.md"]
    assert [(Path(failure.source).name, failure.reason) for failure in found.failures] == [
        ("itself", "too many levels of symbolic links")
    ]


def test_a_file_named_twice_is_taken_once(tmp_path: Path) -> None:
    file = write(tmp_path / "note.md")
    assert len(find_files([file, tmp_path, file]).files) == 1


def test_what_is_not_a_file_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "good.md")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    found = find_files([tmp_path, Path("/dev/null"), tmp_path / "missing.md"])
    assert names(found) == ["good.md"]
    reasons = {Path(failure.source).name: failure.reason for failure in found.failures}
    assert reasons["pipe"] == "not a regular file but a named pipe"
    assert "symbolic link to nothing" in reasons["lost"]
    assert reasons["null"] == "not a regular file but a device"
    assert reasons["missing.md"] == "no such file or directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_is_reported(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    write(closed / "secret.md")
    closed.chmod(0)
    found = find_files([tmp_path])
    closed.chmod(0o700)
    assert [failure.reason for failure in found.failures] == ["permission denied"]


def test_the_version_of_a_file_is_the_hash_of_its_bytes(tmp_path: Path) -> None:
    found = find_files([write(tmp_path / "note.md", "abc")])
    hashed = hash_file(found.files[0])
    assert hashed.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hashed.size_bytes == 3
