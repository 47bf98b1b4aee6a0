"""MinHash signatures: short, and as similar as the texts they are of."""

import re
from array import array

SIZE = 128
"""Values of a signature; the standard error of a similarity is at most 0.045."""

_WORDS_TOGETHER = 3
_SEED = 7_214  # any number, for ever the same: signatures of other seeds cannot be compared
# Chinese, Japanese and Korean write words without spaces: each character counts as one.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def signature_of(text: str) -> bytes | None:
    """The signature of a text's sequences of three words, whatever their case; None for a text without words."""
    from rensa import RMinHash  # pyright: ignore[reportAttributeAccessIssue] - a compiled module without types

    words = _WORD.findall(text.lower())
    if not words:
        return None
    together = zip(*(words[at:] for at in range(min(_WORDS_TOGETHER, len(words)))), strict=False)
    minhash = RMinHash(num_perm=SIZE, seed=_SEED)
    minhash.update(list(set(map(" ".join, together))))
    return array("I", minhash.digest()).tobytes()
