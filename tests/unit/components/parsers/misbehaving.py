"""Parsers that do what a native library does when a document is hostile. They run in worker processes."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from services.shared.components.parsers.document import Block, BlockKind, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.protocol import Source


class MisbehavingParser:
    """Does what the document's text says; any other text is parsed as it is."""

    def parse(self, source: Source) -> ParsedDocument:
        text = source.content.decode()
        word, _, argument = text.partition(" ")
        _ACTIONS.get(word, _nothing)(argument)
        block = Block(BlockKind.PARAGRAPH, 0, len(text))
        return ParsedDocument(text=text, title="", media_type=source.media_type, blocks=(block,))


class ChattyParser(MisbehavingParser):
    """Prints like a native library, to the descriptors themselves."""

    def parse(self, source: Source) -> ParsedDocument:
        os.write(1, b"warning: xref table repaired\n" * 1000)
        os.write(2, b"warning: xref table repaired\n" * 1000)
        return super().parse(source)


def _nothing(_argument: str) -> None:
    return None


def _hang(_argument: str) -> None:
    threading.Event().wait()


def _spin(_argument: str) -> None:
    while True:
        pass


def _die(name: str) -> None:
    os.kill(os.getpid(), getattr(signal, name))


def _hoard(_argument: str) -> None:
    hoard: list[bytes] = []
    while True:
        hoard.append(bytes(16 * 1024 * 1024))


def _write(path: str) -> None:
    Path(path).write_text("escaped")


def _connect(_argument: str) -> None:
    socket.create_connection(("127.0.0.1", 9))


def _run(_argument: str) -> None:
    subprocess.run([sys.executable, "--version"], check=True)


def _flood(size: str) -> None:
    raise ParseFailure(ParseStage.PARSE, "flood", "x" * int(size))


def _raise(message: str) -> None:
    raise RuntimeError(message)


_ACTIONS = {
    "hang": _hang,
    "spin": _spin,
    "die": _die,
    "hoard": _hoard,
    "write": _write,
    "connect": _connect,
    "run": _run,
    "flood": _flood,
    "raise": _raise,
}
