"""Makes text uniform before anything measures it: Unicode NFC, `\\n` line ends, no control characters."""

import re
import unicodedata

# Line and paragraph separators, vertical tab, form feed, NEL: all of them end a line for a reader.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, zero-width, bidi-override and tag characters and the soft hyphen: a reader does not see them, so they only
# break matching of words, or hide text from people that a model would read.
# ZWNJ and ZWJ (U+200C, U+200D) stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_TRAILING = re.compile(r"[ \t]+(?=\n|\Z)")
_BLANK_LINES = re.compile(r"\n{3,}")
# No reader needs more than this many spaces in a row; a run of a million would fill a chunk with nothing.
_LONG_GAP = re.compile(r"[ \t]{65,}")


def normalise_text(text: str) -> str:
    """Return `text` in NFC with `\\n` line ends, plain spaces, no invisible characters and single blank lines.

    Applying it twice gives the same as applying it once.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = _LONG_GAP.sub(" " * 64, _TRAILING.sub("", text))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")
