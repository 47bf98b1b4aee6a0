"""What this service refuses or fails with, beyond the platform's tree."""

from services.shared.components.connectors.failures import ConnectorError
from services.shared.kit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    PlatformError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)

_REFUSED = frozenset({"address_refused", "host_refused", "statement_refused"})
_WRONG = frozenset({"invalid_arguments", "too_large", "not_text", "redirected"})


def no_such_tool(name: str) -> NotFoundError:
    """No connector has it, or the caller may not use it."""
    return NotFoundError(
        f"There is no tool '{name}' that you may use; GET /api/tools lists them.", code="tool_not_found", param="name"
    )


def not_approved(name: str, digest: str, *, changed: bool) -> PermissionDeniedError:
    """The outside system defines the tool, and an operator has not seen this definition."""
    what = (
        "has changed since it was approved" if changed else "is defined by an outside system and was not approved yet"
    )
    return PermissionDeniedError(
        f"The tool '{name}' {what}. An operator reads it (ragworks tools show {name}) and approves it: "
        f"ragworks tools approve {name} --digest {digest[:12]}.",
        code="tool_changed" if changed else "tool_not_approved",
    )


def approval_needed(name: str, effect: str, approval_id: str, minutes: float) -> PermissionDeniedError:
    """A call that changes something was asked for without approval."""
    return PermissionDeniedError(
        f"The tool '{name}' has the effect '{effect}': nothing was done. An operator approves this very call within "
        f"{minutes:g} minutes (ragworks tools approve-call {approval_id}); then send it again, as it is or with "
        f'"approval": "{approval_id}".',
        code="approval_required",
        param="approval",
    )


def wrong_approval(approval_id: str) -> PermissionDeniedError:
    """It is unknown, expired, used, not approved, or about another call."""
    return PermissionDeniedError(
        f"The approval '{approval_id}' does not allow this call: it is not approved, was used, expired, or is about "
        "other arguments or another caller.",
        code="approval_invalid",
        param="approval",
    )


def no_such_approval(approval_id: str) -> NotFoundError:
    """Nothing waits under this id."""
    return NotFoundError(f"No call waits for approval as '{approval_id}'.", code="approval_not_found")


def digest_differs(name: str, digest: str) -> ConflictError:
    """What the operator saw is not what is there now."""
    return ConflictError(
        f"The tool '{name}' has the digest {digest} now; look at it again before you approve it.", code="digest_differs"
    )


def budget_spent(what: str, setting: str) -> PermissionDeniedError:
    """One request asked for more than a request may."""
    return PermissionDeniedError(
        f"This request has used up {what}, which is all that one may; send another, or the operator raises {setting}.",
        code="budget_spent",
    )


def resting(name: str, seconds: float) -> UnavailableError:
    """The tool failed several times in a row."""
    return UnavailableError(
        f"The tool '{name}' failed several times in a row and is left alone for a moment.",
        code="tool_resting",
        retry_after_seconds=max(1, round(seconds)),
    )


def as_platform_error(error: ConnectorError) -> PlatformError:
    """A connector's failure as callers see it."""
    if error.code in _REFUSED:
        return PermissionDeniedError(error.message, code=error.code)
    if error.code in _WRONG:
        return InvalidRequestError(error.message, code=error.code)
    if error.code == "timeout":
        return UpstreamTimeoutError(error.message, code="tool_timeout")
    if error.code == "rate_limited":
        return RateLimitedError(error.message, code="rate_limited")
    return UpstreamError(error.message, code=error.code)
