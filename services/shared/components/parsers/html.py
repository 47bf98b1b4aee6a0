"""HTML: page furniture pruned with selectolax, the rest converted to Markdown with html-to-markdown."""

import re
from pathlib import PurePath

from html_to_markdown import (
    CodeBlockStyle,
    ConversionOptions,
    HeadingStyle,
    HiddenContent,
    HighlightStyle,
    InlineDataMedia,
    LinkStyle,
    ListIndentType,
    NewlineStyle,
    OutputFormat,
    PreprocessingOptions,
    TierStrategy,
    UrlEscapeStyle,
    WarningKind,
    WhitespaceMode,
    convert,
)
from selectolax.lexbor import LexborHTMLParser

from services.shared.components.normalisers.tables import compact_tables
from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.markdown import markdown_document
from services.shared.components.parsers.protocol import Source

_ALWAYS_FURNITURE = (
    "script, style, noscript, template, iframe, object, embed, svg, canvas, form, button, input, select, dialog, "
    "link, meta, a.headerlink, a.anchor, [hidden], [aria-hidden=true]"
)
_PAGE_FURNITURE = (
    "nav, footer, aside, body > header, [role=navigation], [role=banner], [role=contentinfo], [role=search], "
    "[role=dialog], [class*=cookie], [id*=cookie], [class*=breadcrumb], [class*=sidebar], [id*=sidebar], "
    "[class*=advert], [class*=newsletter], [class~=share], [class*=skip-link]"
)
_DECLARED_ENCODING = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
# Elements whose end tag the standard requires: an unclosed <p>, <li> or <a> does not nest.
_NESTING = re.compile(r"<(/?)(?:div|span|section|article|table|ul|ol|dl|blockquote)\b", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
# The converter skips deeper nodes, so text would be lost without a word; real pages stay below 100.
_MAX_DEPTH = 1_000
_OPTIONS = ConversionOptions(
    preprocessing=PreprocessingOptions(enabled=False),  # furniture is pruned before
    extract_metadata=False,
    compact_tables=True,
    skip_images=True,
    autolinks=False,
    max_depth=_MAX_DEPTH + 24,
    # What is the default anyhow: as text, each of these would be looked up by its name for every page.
    code_block_style=CodeBlockStyle.BACKTICKS,
    heading_style=HeadingStyle.ATX,
    hidden_content=HiddenContent.DROP,
    highlight_style=HighlightStyle.DOUBLE_EQUAL,
    inline_data_media=InlineDataMedia.KEEP,
    link_style=LinkStyle.INLINE,
    list_indent_type=ListIndentType.SPACES,
    newline_style=NewlineStyle.SPACES,
    output_format=OutputFormat.MARKDOWN,
    tier_strategy=TierStrategy.AUTO,
    url_escape_style=UrlEscapeStyle.ANGLE,
    whitespace_mode=WhitespaceMode.NORMALIZED,
)
# Pruning that leaves less than this share of a page's text was wrong about what the furniture is.
_MIN_KEPT_SHARE = 0.2


class HtmlParser:
    """HTML and XHTML pages. Navigation, footers, cookie banners, scripts and forms are left out of the text."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the page's `<title>`, else its first heading, else the file's name."""
        html = _decoded(source.content)
        _refuse_hostile(html)
        tree = LexborHTMLParser(html)
        title = _title(tree)
        is_pruned = _prune_page(tree)
        text = html_to_text(_body_html(tree) if is_pruned else _whole_body(html))
        return markdown_document(source, text, title=title, otherwise=PurePath(source.filename).stem)


class WholePageParser:
    """The same with everything a reader sees on the page, navigation and footers included."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `HtmlParser.parse`."""
        html = _decoded(source.content)
        text = whole_page_text(html)
        title = _title(LexborHTMLParser(html))
        return markdown_document(source, text, title=title, otherwise=PurePath(source.filename).stem)


def whole_page_text(html: str) -> str:
    """The text of HTML that has no page furniture: a book's chapter, a message.

    Raises `ParseFailure` like `HtmlParser.parse`.
    """
    _refuse_hostile(html)
    return html_to_text(_whole_body(html))


def html_to_text(html: str) -> str:
    """The normalised Markdown of clean HTML.

    Raises `ParseFailure` when elements are nested so deeply that text would be lost.
    """
    result = convert(html, _OPTIONS)
    if any(warning.kind == WarningKind.DEPTH_LIMIT_EXCEEDED for warning in result.warnings):
        raise _too_deep()
    return compact_tables(normalise_text(result.content or ""))


def _decoded(content: bytes) -> str:
    encoding = _DECLARED_ENCODING.search(content[:4096])
    return decode_text(content, declared=encoding[1].decode("ascii") if encoding else None)


def _title(tree: LexborHTMLParser) -> str:
    title = (tree.head and tree.head.css_first("title")) or tree.css_first("title")
    return " ".join(title.text().split()) if title is not None else ""


def _prune_page(tree: LexborHTMLParser) -> bool:
    """Take the furniture out of the page; False where that took nearly everything, so it was no furniture."""
    _remove(tree, _ALWAYS_FURNITURE)
    furniture = [node for node in tree.css(_PAGE_FURNITURE) if node.tag not in ("body", "html", "main", "article")]
    if not furniture:
        return True
    before = _text_length(tree)
    removed = sum(len(node.text(strip=True)) for node in furniture)  # twice what stands in two of them
    for node in furniture:
        node.decompose()
    least = _MIN_KEPT_SHARE * before
    return before - removed >= least or _text_length(tree) >= least


def _whole_body(html: str) -> str:
    """The page's body with its navigation, footers and the like."""
    tree = LexborHTMLParser(html)
    _remove(tree, _ALWAYS_FURNITURE)
    return _body_html(tree)


def _remove(tree: LexborHTMLParser, selector: str) -> None:
    for node in tree.css(selector):
        node.decompose()


def _body_html(tree: LexborHTMLParser) -> str:
    return (tree.body.html if tree.body is not None else tree.html) or ""


def _text_length(tree: LexborHTMLParser) -> int:
    return len(tree.body.text(strip=True)) if tree.body is not None else 0


def _refuse_hostile(html: str) -> None:
    if _ENTITY.search(html, 0, 64 * 1024):
        message = (
            "The page declares its own XML entities, which can expand without end and are not read. "
            "Remove the <!ENTITY ...> declarations and upload it again."
        )
        raise ParseFailure(ParseStage.PARSE, "entity_declarations", message)
    if html.count("<") <= _MAX_DEPTH:
        return
    depth = 0
    for closes in _NESTING.findall(html):
        depth = max(0, depth - 1) if closes else depth + 1
        if depth > _MAX_DEPTH:
            raise _too_deep()


def _too_deep() -> ParseFailure:
    message = (
        f"The page nests elements more than {_MAX_DEPTH:,} levels deep, which no reader shows. "
        "Save it from a browser as plain text or PDF and upload that."
    )
    return ParseFailure(ParseStage.PARSE, "nested_too_deeply", message)
