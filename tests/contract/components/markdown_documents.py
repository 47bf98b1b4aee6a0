"""Documents of every kind of block, in several scripts, for tests that draw them."""

from hypothesis import strategies as st

from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.outline import markdown_blocks

WORDS = st.sampled_from(
    [
        "port",
        "Überlastung",
        "naïve",
        "7431",
        "e-mail",
        "kilometres",
        "数据库",
        "第一句。第二句！",
        "الطقس",
        "مَرْحَبًا؟",
        "می\u200cخواهم",
        "किताबों।",
        "50€each",
        "x" * 150,
        "a,b;c",
        "日本" * 30,
        "😀",
    ]
)
_PROSE = st.lists(WORDS, min_size=1, max_size=60).map(" ".join)
_PARAGRAPH = st.lists(_PROSE, min_size=1, max_size=4).map(". ".join)
_HEADING = st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 6), _PROSE)
_ROW = st.lists(WORDS, min_size=3, max_size=3).map(lambda cells: f"| {' | '.join(cells)} |")
_TABLE = st.builds(
    lambda rows: "\n".join([rows[0], "|---|---|---|", *rows[1:]]), st.lists(_ROW, min_size=2, max_size=25)
)
_CODE = st.lists(_PROSE, min_size=1, max_size=8).map(lambda lines: "\n".join(["```", *lines, "```"]))
_LIST = st.lists(_PROSE, min_size=1, max_size=8).map(lambda items: "\n".join(f"- {item}" for item in items))
_ANYTHING = st.text(max_size=300)
_BLOCKS = st.lists(st.one_of(_HEADING, _PARAGRAPH, _TABLE, _CODE, _LIST, _ANYTHING), min_size=1, max_size=12)


def document_of(markdown: str) -> ParsedDocument:
    """A document as the parser of Markdown makes it."""
    text = normalise_text(markdown)
    return ParsedDocument(text=text, title="", media_type="text/markdown", blocks=markdown_blocks(text))


DOCUMENTS = _BLOCKS.map(lambda blocks: document_of("\n\n".join(blocks))).filter(lambda document: document.blocks)
