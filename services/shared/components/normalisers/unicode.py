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
_BLANK_LINES = re.compile(r"\n{3,}")
# No reader needs more than this many spaces in a row; a run of a million would fill a chunk with nothing.
_LONGEST_GAP = " " * 64
_LONG_GAP = re.compile(r"[ \t]{65,}")


def normalise_text(text: str) -> str:
    """Return `text` in NFC with `\\n` line ends, plain spaces, no invisible characters and single blank lines.

    Applying it twice gives the same as applying it once.
    """
    if not is_plain(text):
        text = _SPACES.sub(" ", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    if " \n" in text or "\t" in text or text.endswith(" "):
        text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    if "\t" in text or _LONGEST_GAP in text:
        text = _LONG_GAP.sub(_LONGEST_GAP, text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip("\n")


def is_plain(text: str) -> bool:
    """Whether there is nothing but ASCII, tabs and `\\n` in it, and no other control character: quick to tell."""
    return text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()
