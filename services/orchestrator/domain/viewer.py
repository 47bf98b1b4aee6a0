"""Who looks at what is kept: everybody at their own, the operator at everything."""

from dataclasses import dataclass

from services.shared.contracts.principals import OPERATOR


@dataclass(frozen=True)
class Viewer:
    """Somebody who asks for records or conversations."""

    principal: str | None

    @property
    def sees_all(self) -> bool:
        """Whether others' are shown, too."""
        return self.principal == OPERATOR
