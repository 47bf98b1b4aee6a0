"""Makes text uniform before anything measures it: Unicode NFC, `\\n` line ends, no control characters."""

import re
import unicodedata

# Carriage return, vertical tab, form feed, NEL, line and paragraph separators: all of them end a line for a reader.
_LINE_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
# Controls, zero-width, bidi-override and tag characters and the soft hyphen: a reader does not see them, so they only
# break matching of words, or hide text from people that a model would read.
# ZWNJ and ZWJ (U+200C, U+200D) stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_INVISIBLE_TAGS = re.compile("[\U000e0000-\U000e007f\U000e0100-\U000e01ef]")
"""On their own, as one range of such characters doubles the time a search takes, and few texts have any."""
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ODD = re.compile(f"[{_LINE_ENDS}{_SPACES}{_INVISIBLE}]")
_PLAIN = dict.fromkeys(_LINE_ENDS, "\n") | dict.fromkeys(_SPACES, " ")
"""What stands for an odd character; nothing, if it is not here."""
_BLANK_LINES = re.compile(r"\n{3,}")
# No reader needs more than this many spaces in a row; a run of a million would fill a chunk with nothing.
_LONGEST_GAP = " " * 64
_LONG_GAP = re.compile(r"[ \t]{65,}")


def normalise_text(text: str) -> str:
    """Return `text` in NFC with `\\n` line ends, plain spaces, no invisible characters and single blank lines.

    Applying it twice gives the same as applying it once.
    """
    if not is_plain(text):
        text = _ODD.sub(lambda odd: _PLAIN.get(odd[0], ""), text.replace("\r\n", "\n"))
        if _has_rare_planes(text):
            text = _INVISIBLE_TAGS.sub("", text)
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


def _has_rare_planes(text: str) -> bool:
    """Whether any character is beyond U+FFFF: those take two units in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)
