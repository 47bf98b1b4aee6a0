"""A folder of files that no ingest can read, each with what its owner is to be told, and some good ones among them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.unit.components.parsers.documents import DATA, docx_of_xml, pdf, zipped

LIMIT_BYTES = 100_000_000
ODD_NAME = "a line\nbreak and a \N{ROCKET}.md"

_LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
_LAUGHING = f"<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol0 \"lol\">{_LAUGHS}]><a>&lol9;</a>"
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"

GOOD: Mapping[str, bytes] = {
    "good.md": b"# Good\n\nA document about rivers.",
    ODD_NAME: b"# Odd\n\nA document with a name that few expect.",
    "really-a-pdf.txt": pdf(["A page about lakes."]),
}

UNREADABLE_CONTENTS: Mapping[str, tuple[bytes, str, str]] = {
    "empty.txt": (b"", "empty_file", "0 bytes"),
    "blank.txt": (b" \n\t\n ", "no_text", "holds no text"),
    "truncated.pdf": (pdf(["A page."])[:-200], "damaged", "pages are missing"),
    "truncated.docx": (docx_of_xml("<w:document/>")[:-60], "damaged", "damaged or incomplete"),
    "truncated.json": (json.dumps({"a": [1, 2]}).encode()[:-2], "damaged", "line 1"),
    "encrypted.pdf": ((DATA / "encrypted.pdf").read_bytes(), "encrypted", "without the password"),
    "encrypted.docx": ((DATA / "encrypted.docx").read_bytes(), "encrypted", "without the password"),
    "zip-bomb.docx": (zipped({"word/document.xml": " " * 48_000_000}), "expands_too_much", "zip bomb"),
    "billion-laughs.xml": (_LAUGHING.encode(), "entity_declarations", "entities"),
    "billion-laughs.docx": (docx_of_xml(_LAUGHING), "entity_declarations", "entities"),
    "deep.json": (b"[" * 50_000 + b"]" * 50_000, "nested_too_deeply", "levels"),
    "deep.html": (b"<div>" * 50_000 + b"deep" + b"</div>" * 50_000, "nested_too_deeply", "levels"),
    "picture.pdf": (_PNG, "damaged", "picture is damaged"),
    "binary.md": (bytes(range(256)) * 40, "binary", "binary data"),
    "nul.txt": (b"Text, and then\x00\x00 no text.", "binary", "binary data"),
    "garbled.txt": ("\ufffd \ue000 ".encode() * 50, "garbled_text", "cannot be read"),
}


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)


UNREADABLE_FILES: Mapping[str, tuple[Callable[[Path], None], str, str]] = {
    "huge.txt": (_huge, "file_too_large", "100,000,000 bytes"),
    "loop.md": (lambda path: path.symlink_to(path.name), "unreadable", "symbolic links"),
    "lost.md": (lambda path: path.symlink_to("nowhere.md"), "unreadable", "symbolic link to nothing"),
    "no-permission.md": (lambda path: path.symlink_to("/proc/self/mem"), "unreadable", "error"),
}

EXPECTED: Mapping[str, tuple[str, str]] = {
    **{name: (code, words) for name, (_, code, words) in UNREADABLE_CONTENTS.items()},
    **{name: (code, words) for name, (_, code, words) in UNREADABLE_FILES.items()},
}


def write_bad_files(folder: Path) -> None:
    """Fill the folder; a link in it leads back to it."""
    folder.mkdir()
    for name, content in GOOD.items():
        (folder / name).write_bytes(content)
    for name, (content, _, _) in UNREADABLE_CONTENTS.items():
        (folder / name).write_bytes(content)
    for name, (make, _, _) in UNREADABLE_FILES.items():
        make(folder / name)
    (folder / "again").symlink_to(folder, target_is_directory=True)
