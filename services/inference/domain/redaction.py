"""What is taken out of texts before they are kept: secrets always, and what a redactor of the operator's finds."""

import re
from collections.abc import Callable, Mapping

Redactor = Callable[[str], str]
"""A text as it may be kept."""

_SECRET = re.compile(
    r"""
    -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z\ ]*PRIVATE\ KEY-----|\Z)
    | \b(?:rw|sk|pk|rk)-[A-Za-z0-9_-]{16,}
    | \b(?:ghp|gho|ghu|ghs|ghr|hf|glpat|xox[abprs])[_-][A-Za-z0-9_-]{10,}
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
    | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+
    | (?<=://)[^\s/:@]+:[^\s/@]+(?=@)
    | (?i:(?<=bearer\ ))[A-Za-z0-9._~+/=-]{16,}
    """,
    re.VERBOSE | re.DOTALL,
)
_GONE = "[secret]"


def without_secrets(text: str) -> str:
    """The text without API keys, tokens, private keys and passwords in addresses, as far as their form tells them."""
    return _SECRET.sub(_GONE, text)


def redacted(value: object, redactor: Redactor) -> object:
    """A JSON value with every text in it redacted; names of fields stay."""
    match value:
        case str():
            return redactor(value)
        case list():
            return [redacted(each, redactor) for each in value]
        case Mapping():
            return {name: redacted(each, redactor) for name, each in value.items()}
        case _:
            return value
