"""The words of a text as they are compared: lower-cased, plural and verb endings off, stop words told apart."""

import re

_WORD = re.compile(r"[^\W_]+(?:[.:'/-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_ENDINGS = ("ing", "ed", "es", "s")
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be been but by can did do does for from had has have he her his how i if in into is it its
        may of on or our she should so such than that the their them then there these they this to was we were what
        when where which who why will with would you your not no
        """,
    )
)


def words_of(text: str) -> frozenset[str]:
    """Words and their parts: `api.key` counts as itself, `api` and `key`."""
    lowered = text.lower()
    return frozenset(stem(word) for pattern in (_WORD, _PART) for word in pattern.findall(lowered))


def content_words(text: str) -> frozenset[str]:
    """The words of a claim that say something: compounds by their parts, numbers and times whole."""
    tokens = _WORD.findall(text.lower())
    parts = (part for token in tokens for part in ([token] if _DIGIT.search(token) else _PART.findall(token)))
    return frozenset(map(stem, parts)) - STOP_WORDS


def stem(word: str) -> str:
    """A lower-cased word without its ending: `leave`, `leaves` and `leaving` are one."""
    if len(word) > 4 and word.isalpha():
        ending = next((each for each in _ENDINGS if word.endswith(each) and len(word) - len(each) >= 3), "")
        return word.removesuffix(ending).removesuffix("e")
    return word
