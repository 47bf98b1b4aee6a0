"""Which kind of text a file holds: its content where that is plain, its name where it is not."""

import re
from pathlib import PurePath

import orjson

from services.shared.components.parsers.media_type import MediaType

_MARKS = b"\xef\xbb\xbf\xff\xfe"
_HTML_START = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_HTML_TAG = re.compile(rb"<(?:html|head|body|div|p|table|h[1-6]|ul|article|section)\b", re.IGNORECASE)
_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):[ \t]?.*\r?\n(?:[ \t]+.*\r?\n)*", re.MULTILINE)
# A message has a sender and one of these; a text that only begins like a letter has not.
_SENDER = b"from"
_TRANSPORT = frozenset({b"message-id", b"mime-version", b"received", b"return-path", b"delivered-to"})
_HEAD_BYTES = 4096
_HEADERS_BYTES = 64 * 1024

_BY_SUFFIX = {
    ".md": MediaType.MARKDOWN,
    ".markdown": MediaType.MARKDOWN,
    ".mdown": MediaType.MARKDOWN,
    ".mkd": MediaType.MARKDOWN,
    ".rst": MediaType.RST,
    ".rest": MediaType.RST,
    ".csv": MediaType.CSV,
    ".tsv": MediaType.TSV,
    ".tab": MediaType.TSV,
    ".txt": MediaType.PLAIN_TEXT,
}
_HTML_SUFFIXES = (".html", ".htm", ".xhtml")
_XML_SUFFIXES = (".xml", ".xsd", ".xsl", ".xslt", ".rss", ".atom", ".svg", ".wsdl", ".kml", ".dita", ".docbook")
_DECLARED = (MediaType.MARKDOWN, MediaType.CSV, MediaType.TSV, MediaType.RST)
_CODE_SUFFIXES = frozenset({
    ".asm", ".bash", ".bat", ".c", ".cc", ".cfg", ".cjs", ".clj", ".cmake", ".cmd", ".conf", ".cpp", ".cs", ".css",
    ".cxx", ".dart", ".el", ".erl", ".ex", ".exs", ".f90", ".fish", ".go", ".gradle", ".graphql", ".groovy", ".h",
    ".hpp", ".hs", ".hxx", ".ini", ".java", ".jl", ".js", ".jsx", ".kt", ".kts", ".less", ".lisp", ".lua", ".m",
    ".mjs", ".ml", ".mm", ".php", ".pl", ".pm", ".properties", ".proto", ".ps1", ".py", ".pyi", ".r", ".rb", ".rs",
    ".s", ".sass", ".scala", ".scss", ".sh", ".sql", ".svelte", ".swift", ".tf", ".toml", ".ts", ".tsx", ".v", ".vb",
    ".vhdl", ".vue", ".yaml", ".yml", ".zig", ".zsh",
})  # fmt: skip
_CODE_NAMES = frozenset({"cmakelists.txt", "containerfile", "dockerfile", "gemfile", "jenkinsfile", "makefile"})


def kind_of_text(content: bytes, filename: str, declared: str | None) -> MediaType:
    """The media type of bytes that are known to be text."""
    head = content[:_HEAD_BYTES].replace(b"\x00", b"").lstrip(_MARKS)
    suffix = PurePath(filename).suffix.lower()
    markup = _kind_of_markup(head, suffix, declared)
    return markup or _kind_of_data(content, head, suffix) or _kind_by_name(content, filename, declared)


def _kind_of_markup(head: bytes, suffix: str, declared: str | None) -> MediaType | None:
    if _HTML_START.match(head) or (b"<?xml" in head[:64] and b"<html" in head):
        return MediaType.HTML
    start = head.lstrip()
    if start.startswith(b"<?xml") or (start.startswith(b"<") and suffix in _XML_SUFFIXES):
        return MediaType.XML
    if (suffix in _HTML_SUFFIXES or declared == MediaType.HTML) and _HTML_TAG.search(head):
        return MediaType.HTML
    return None


def _kind_of_data(content: bytes, head: bytes, suffix: str) -> MediaType | None:
    """JSON that is named so may be broken, which its parser says; without the name it must be whole to be JSON."""
    if head.lstrip()[:1] in (b"{", b"["):
        if suffix in (".jsonl", ".ndjson"):
            return MediaType.JSONL
        if suffix == ".json":
            return MediaType.JSONL if _is_json_lines(content) else MediaType.JSON
        if _is_json(content):
            return MediaType.JSON
        if _is_json_lines(content):
            return MediaType.JSONL
    return MediaType.EMAIL if _is_email(content, suffix) else None


def _kind_by_name(content: bytes, filename: str, declared: str | None) -> MediaType:
    name = PurePath(filename)
    suffix = name.suffix.lower()
    if name.name.lower() in _CODE_NAMES or suffix in _CODE_SUFFIXES:
        return MediaType.SOURCE_CODE
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if declared in _DECLARED:
        return MediaType(declared)
    return MediaType.SOURCE_CODE if content.startswith(b"#!") else MediaType.PLAIN_TEXT


def _is_json(content: bytes) -> bool:
    try:
        orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return False
    return True


def _is_json_lines(content: bytes) -> bool:
    """True when each of the first two lines is an object; a file of one line is JSON."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 2)[:2]
    return len(lines) > 1 and all(line.lstrip().startswith(b"{") and _is_json(line) for line in lines)


def _is_email(content: bytes, suffix: str) -> bool:
    """True for text that begins with mail headers, a sender's and the transport's among them."""
    start = content[:_HEADERS_BYTES]
    names: set[bytes] = set()
    at = 0
    while header := _HEADER.match(start, at):
        names.add(header[1].lower())
        at = header.end()
    if suffix == ".eml":
        return bool(names)
    return _SENDER in names and not names.isdisjoint(_TRANSPORT)
