"""The rules of syncs: the same is said again, a kill loses nothing, changes in the outside system are told."""

from collections.abc import Sequence

from services.shared.components.connectors.conformance_rules import (
    Change,
    Finding,
    Make,
    OutsideChanges,
    broken,
    closing,
    kept,
)
from services.shared.components.connectors.events import Checkpoint, Delete, Deletes, SyncEvent, SyncTraits, Upsert
from services.shared.components.connectors.secrets import Secrets

_MOST_CHECKPOINTS = 25


async def check_sync(make: Make, secrets: Secrets, *, outside: OutsideChanges) -> list[Finding]:
    """What was found of the sync; the changes are made after everything else was looked at."""
    whole, again = await pull(make, secrets, None), await pull(make, secrets, None)
    traits = await _traits(make, secrets)
    marks = [position for position, each in enumerate(whole) if isinstance(each, Checkpoint)]
    found = [
        Finding("a sync that is run again says the same", None if _done(whole) == _done(again) else "it does not"),
        Finding("a sync has checkpoints", None if marks or not whole else "it has none"),
        Finding("each document has a name of its own", _shared_name(whole)),
    ]
    if traits.incremental:
        found.append(await _resumes(make, secrets, whole, marks))
    if traits.permissions:
        unread = next((each.key for each in whole if isinstance(each, Upsert) and not each.access), None)
        found.append(Finding("who may read is said", f"of '{unread}' nothing is, so nobody may" if unread else None))
    return [*found, *await _told(make, secrets, traits, outside)]


async def pull(make: Make, secrets: Secrets, cursor: str | None) -> list[SyncEvent]:
    """All that a connector that was just made tells since the cursor."""
    async with closing(make(secrets)) as connector:
        return [each async for each in connector.pull(cursor)]


async def _traits(make: Make, secrets: Secrets) -> SyncTraits:
    async with closing(make(secrets)) as connector:
        return connector.sync_traits


async def _resumes(make: Make, secrets: Secrets, whole: Sequence[SyncEvent], marks: Sequence[int]) -> Finding:
    rule = "a sync goes on after a kill at every checkpoint"
    for number, position in enumerate(marks[:_MOST_CHECKPOINTS], start=1):
        rest = await pull(make, secrets, _cursor(whole[: position + 1]))
        if _done(rest) != _done(whole[position + 1 :]):
            return broken(rule, f"after checkpoint {number} it does not go on where it was")
    return kept(rule)


async def _told(make: Make, secrets: Secrets, traits: SyncTraits, outside: OutsideChanges) -> list[Finding]:
    found: list[Finding] = []
    if outside.edit is not None:
        found.append(await _edited(make, secrets, outside.edit, rule="what is changed is told"))
    if outside.readers is not None:
        found.append(await _edited(make, secrets, outside.readers, rule="a change of readers is told", readers=True))
    if outside.delete is not None:
        found.append(await _deleted(make, secrets, traits, outside.delete))
    return found


async def _edited(make: Make, secrets: Secrets, change: Change, *, rule: str, readers: bool = False) -> Finding:
    before = await pull(make, secrets, None)
    key = await change()
    after = await pull(make, secrets, _cursor(before))
    was, now = _last(before, key), _last(after, key)
    if now is None:
        return broken(rule, f"'{key}' was changed, and a pull from the last checkpoint does not tell it")
    if readers and was is not None and was.access == now.access:
        return broken(rule, f"'{key}' is told with the same readers as before")
    return kept(rule)


async def _deleted(make: Make, secrets: Secrets, traits: SyncTraits, delete: Change) -> Finding:
    rule = "what is deleted is told"
    before = await pull(make, secrets, None)
    key = await delete()
    since, everything = await pull(make, secrets, _cursor(before)), await pull(make, secrets, None)
    if traits.deletes is Deletes.REPORTED and Delete(key) not in since:
        return broken(rule, f"'{key}' was deleted, and a pull from the last checkpoint does not report it")
    if traits.deletes is not Deletes.NEVER and _last(everything, key) is not None:
        return broken(rule, f"'{key}' was deleted, and a pull without a cursor still tells it")
    return kept(rule)


def _last(events: Sequence[SyncEvent], key: str) -> Upsert | None:
    """The document as it was last told; None when it was not, or was deleted after."""
    told = [each for each in events if isinstance(each, Upsert | Delete) and each.key == key]
    return told[-1] if told and isinstance(told[-1], Upsert) else None


def _cursor(events: Sequence[SyncEvent]) -> str | None:
    return next((each.cursor for each in reversed(events) if isinstance(each, Checkpoint)), None)


def _done(events: Sequence[SyncEvent]) -> list[SyncEvent]:
    return [each for each in events if not isinstance(each, Checkpoint)]


def _shared_name(events: Sequence[SyncEvent]) -> str | None:
    keys: dict[str, str] = {}
    for each in events:
        if isinstance(each, Upsert) and keys.setdefault(each.source, each.key) != each.key:
            return f"'{each.source}' is that of '{keys[each.source]}' and of '{each.key}'"
    return None
