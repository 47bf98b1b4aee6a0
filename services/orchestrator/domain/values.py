"""The numbers, dates and names in a text: what an answer must not make up, and what a passage knows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.orchestrator.domain.words import STOP_WORDS, words_of
from services.shared.contracts.answers import ValueKind

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<y1>\d{{4}})-(?P<m1>\d\d)-(?P<d1>\d\d)\b"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH})\b\.?(?:,? (?P<y2>\d{{3,4}})\b)?"
    rf"|\b(?P<m3>{_MONTH})\b\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y3>\d{{3,4}})\b)?"
    rf"|\b(?P<m4>{_MONTH})\b\.?(?: of)? (?P<y4>\d{{4}})\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[^\W_]*\d[^\W_]*(?:[.,:/-][^\W_]*\d[^\W_]*)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LEADING_ZEROS = re.compile(r"\b0+(?=\d)")
_UNIT = re.compile(r"^(\d+(?:\.\d+)?)[^\W\d_]+$")
_RANGE = re.compile(r"[-/]")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(),  # noqa: SIM905
        start=2,
    )
} | {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100", "thousand": "1000"}
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_NAME = re.compile(r"\b[^\W\d_a-z]\w*(?:['’-]\w+)*(?:(?: (?:of|the|de|von|van|and)){0,2} [^\W\d_a-z]\w*(?:['’-]\w+)*)*")
_POSSESSIVE = re.compile(r"['’]s\b")
_SENTENCE_START = re.compile(r"""(?:^|[.!?:;\n]\s)[\s\W\d_]*\Z""")
_NO_NAMES = STOP_WORDS | {"yes", "however", "therefore", "according", "passage", "passages", "answer", "also", "both"}

Date = tuple[int | None, int | None, int | None]


@dataclass(frozen=True)
class Value:
    """A value in a text, and the form in which it is compared."""

    kind: ValueKind
    text: str
    start: int
    number: str = ""
    date: Date = (None, None, None)
    words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KnownValues:
    """What a passage knows."""

    numbers: frozenset[str]
    dates: frozenset[Date]
    words: frozenset[str]

    def has(self, value: Value) -> bool:
        """Whether the value stands there, in this or another way of writing."""
        if value.kind is ValueKind.DATE:
            return any(_agree(value.date, date) for date in self.dates)
        if value.kind is ValueKind.NUMBER:
            return value.number in self.numbers
        return value.words <= self.words


def known_values(text: str) -> KnownValues:
    """The values of a passage."""
    numbers = {form for match in _NUMBER.finditer(text) for form in _forms(match[0])}
    numbers |= {_NUMBER_WORDS[match[0].lower()] for match in _NUMBER_WORD.finditer(text)}
    return KnownValues(
        numbers=frozenset(numbers),
        dates=frozenset(_date(match) for match in _DATE.finditer(text)),
        words=words_of(text),
    )


def values_in(text: str) -> list[Value]:
    """The values of a claim, in order; the numbers of a date belong to the date."""
    dates = list(_DATE.finditer(text))
    taken = [match.span() for match in dates]
    found = [Value(ValueKind.DATE, match[0], match.start(), date=_date(match)) for match in dates]
    found += [value for value in (*_numbers(text), *_names(text)) if not _inside(value, taken)]
    return sorted(found, key=lambda value: value.start)


def without_dates(text: str) -> str:
    """The text with its dates blanked out."""
    return _DATE.sub(lambda match: " " * len(match[0]), text)


def _numbers(text: str) -> Iterator[Value]:
    for match in _NUMBER.finditer(text):
        yield Value(ValueKind.NUMBER, match[0], match.start(), number=_normal(match[0]))
    for match in _NUMBER_WORD.finditer(text):
        yield Value(ValueKind.NUMBER, match[0], match.start(), number=_NUMBER_WORDS[match[0].lower()])


def _names(text: str) -> Iterator[Value]:
    for match in _NAME.finditer(text):
        name, start = match[0], match.start()
        while name.split(" ", 1)[0].lower() in _NO_NAMES:
            head, _, name = name.partition(" ")
            start += len(head) + 1
        first = start == match.start() and _SENTENCE_START.search(text[:start]) is not None
        if not name[:1].isupper() or (first and " " not in name and not name[1:].upper() == name[1:] != ""):
            continue  # any word has a capital at the start of a sentence
        words = words_of(_POSSESSIVE.sub("", name)) - STOP_WORDS
        if words and words.isdisjoint(_MONTHS):
            yield Value(ValueKind.NAME, name, start, words=words)


def _forms(token: str) -> Iterator[str]:
    """The ways in which a number of a passage may be repeated: `24-hour` as 24, `10th` as 10."""
    yield _normal(token)
    for part in _RANGE.split(token):
        yield _normal(part)
        unit = _UNIT.match(_normal(part))
        if unit:
            yield unit[1]


def _normal(token: str) -> str:
    plain = _LEADING_ZEROS.sub("", _THOUSANDS.sub("", token.lower()))
    if re.fullmatch(r"\d+\.\d+", plain):
        return plain.rstrip("0").rstrip(".")
    unit = _UNIT.match(plain)
    return unit[1] if unit and plain.endswith(("st", "nd", "rd", "th")) else plain


def _date(match: re.Match[str]) -> Date:
    parts = {name[0]: text for name, text in match.groupdict().items() if text}
    month = parts.get("m", "")
    return (
        int(parts["y"]) if "y" in parts else None,
        int(month) if month.isdigit() else _MONTHS.get(month.lower()),
        int(parts["d"]) if "d" in parts else None,
    )


def _agree(claimed: Date, known: Date) -> bool:
    return all(one is None or one == other for one, other in zip(claimed, known, strict=True))


def _inside(value: Value, spans: list[tuple[int, int]]) -> bool:
    return any(start <= value.start < end for start, end in spans)
