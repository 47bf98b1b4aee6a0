"""Alias actions: all of a request's, or none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.vectordb.domain.fields import as_list, as_object, as_text, required
from services.vectordb.domain.names import check_name
from services.vectordb.errors import ConflictError, FormatError, NotFoundError, collection_not_found


@dataclass(frozen=True)
class CreateAlias:
    alias: str
    collection: str


@dataclass(frozen=True)
class DeleteAlias:
    alias: str


@dataclass(frozen=True)
class RenameAlias:
    old: str
    new: str


AliasAction = CreateAlias | DeleteAlias | RenameAlias


def alias_actions(value: object) -> list[AliasAction]:
    """The actions of a request."""
    return [_action(item) for item in as_list(value, "actions")]


def apply_alias_actions(
    actions: Sequence[AliasAction], *, aliases: Mapping[str, str], collections: Collection[str]
) -> dict[str, str]:
    """The aliases after all actions, done in order.

    Raises:
        NotFoundError: an action names a collection or alias that is not there.
        ConflictError: an alias would hide a collection.
    """
    after = dict(aliases)
    for action in actions:
        match action:
            case CreateAlias(alias, collection):
                _check_target(alias, collection, collections)
                after[alias] = collection
            case DeleteAlias(alias):
                _check_known(alias, after)
                del after[alias]
            case RenameAlias(old, new):
                _check_known(old, after)
                _check_target(new, after[old], collections)
                after[new] = after.pop(old)
    return after


def _action(value: object) -> AliasAction:
    body = as_object(value, "action")
    if "create_alias" in body:
        create = as_object(body["create_alias"], "create_alias")
        return CreateAlias(
            check_name(as_text(required(create, "alias_name"), "alias_name")),
            as_text(required(create, "collection_name"), "collection_name"),
        )
    if "delete_alias" in body:
        delete = as_object(body["delete_alias"], "delete_alias")
        return DeleteAlias(as_text(required(delete, "alias_name"), "alias_name"))
    if "rename_alias" in body:
        rename = as_object(body["rename_alias"], "rename_alias")
        return RenameAlias(
            as_text(required(rename, "old_alias_name"), "old_alias_name"),
            check_name(as_text(required(rename, "new_alias_name"), "new_alias_name")),
        )
    raise FormatError("action: expected one of create_alias, delete_alias, rename_alias")


def _check_target(alias: str, collection: str, collections: Collection[str]) -> None:
    if collection not in collections:
        raise collection_not_found(collection)
    if alias in collections:
        raise ConflictError(f"Collection `{alias}` already exists!")


def _check_known(alias: str, aliases: Mapping[str, str]) -> None:
    if alias not in aliases:
        raise NotFoundError(f"Alias {alias} does not exists!")
