"""The platform's own signature under receipts: an HMAC of all that a receipt says, as a JWS (RFC 7515, HS256)."""

from dataclasses import dataclass
from pathlib import Path

import jwt
from pydantic import ValidationError

from services.shared.contracts.receipts import Receipt
from services.shared.kit.keyfiles import ensure_key_file

_ALGORITHM = "HS256"


@dataclass(frozen=True)
class ReceiptKey:
    """The key in a file that is made when it is first needed; who has it can issue receipts and check them."""

    path: Path

    def sign(self, receipt: Receipt) -> str:
        """The signature for a receipt, which holds a copy of what it says."""
        return jwt.encode(_claims(receipt), ensure_key_file(self.path), algorithm=_ALGORITHM)

    def is_genuine(self, receipt: Receipt) -> bool:
        """Whether the receipt says what was signed, with this key."""
        if receipt.signature is None:
            return False
        try:
            signed = jwt.decode(receipt.signature, ensure_key_file(self.path), algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError:
            return False
        return _as_of_today(signed) == _claims(receipt)


def _claims(receipt: Receipt) -> dict[str, object]:
    return {"receipt": receipt.model_dump(mode="json", exclude={"signature"})}


def _as_of_today(signed: dict[str, object]) -> dict[str, object] | None:
    """What an earlier release signed has not the fields that came later: they say what they say by default."""
    try:
        return _claims(Receipt.model_validate(signed.get("receipt")))
    except ValidationError:
        return None
