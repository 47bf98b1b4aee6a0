"""Hits grouped by a payload field."""

from typing import cast

import qdrant_edge as edge

from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.queries import query_request
from services.vectordb.adapters.results import record
from services.vectordb.adapters.selectors import with_payload, with_vector
from services.vectordb.adapters.shard import Shard
from services.vectordb.domain.fields import JsonObject, as_text, limit_of, refuse, required
from services.vectordb.domain.ids import PointId

_DEFAULT_GROUPS = 10
_DEFAULT_GROUP_SIZE = 3
_FETCH_GROWTH = 4
_MAX_FETCH = 10_000

_GroupId = str | int


def query_groups(shard: Shard, body: JsonObject) -> JsonObject:
    """The best groups of hits, each with its best hits.

    Hits are fetched in growing pages until the groups are full or the hits end; beyond 10,000 hits a group may stay
    short.
    """
    refuse(body, with_lookup="Looking groups up in another collection (`with_lookup`)")
    path = as_text(required(body, "group_by"), "group_by")
    groups_limit = limit_of(body, default=_DEFAULT_GROUPS)
    group_size = limit_of(body, "group_size", default=_DEFAULT_GROUP_SIZE)
    fetch = groups_limit * group_size * _FETCH_GROWTH
    while True:
        hits = _hits(shard, body, path, fetch)
        groups = _grouped(hits, path, groups_limit=groups_limit, group_size=group_size)
        full = len(groups) == groups_limit and all(len(members) == group_size for members in groups.values())
        if full or len(hits) < fetch or fetch >= _MAX_FETCH:
            return {"groups": _described(shard, body, groups)}
        fetch = min(fetch * _FETCH_GROWTH, _MAX_FETCH)


def _hits(shard: Shard, body: JsonObject, path: str, limit: int) -> list[edge.ScoredPoint]:
    not_empty: JsonObject = {"must_not": [{"is_empty": {"key": path}}]}
    condition = not_empty if body.get("filter") is None else {"must": [body["filter"], not_empty]}
    search: JsonObject = {
        **{key: value for key, value in body.items() if key not in {"with_vector", "group_by", "group_size"}},
        "filter": condition,
        "limit": limit,
        "with_payload": [path],
    }
    with engine_call():
        request = query_request(search, shard)
    return shard.query(request)


def _grouped(
    hits: list[edge.ScoredPoint], path: str, *, groups_limit: int, group_size: int
) -> dict[_GroupId, list[edge.ScoredPoint]]:
    groups: dict[_GroupId, list[edge.ScoredPoint]] = {}
    for hit in hits:
        for id_ in _group_ids(hit.payload or {}, path):
            if id_ not in groups and len(groups) == groups_limit:
                continue
            members = groups.setdefault(id_, [])
            if len(members) < group_size:
                members.append(hit)
    return groups


def _group_ids(payload: object, path: str) -> list[_GroupId]:
    value: object = payload
    for part in path.split("."):
        value = cast("JsonObject", value).get(part) if isinstance(value, dict) else None
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    unique = dict.fromkeys(item for item in values if isinstance(item, str | int) and not isinstance(item, bool))
    return list(unique)


def _described(shard: Shard, body: JsonObject, groups: dict[_GroupId, list[edge.ScoredPoint]]) -> list[JsonObject]:
    return [{"id": id_, "hits": _with_parts(shard, body, members)} for id_, members in groups.items()]


def _with_parts(shard: Shard, body: JsonObject, members: list[edge.ScoredPoint]) -> list[JsonObject]:
    ids: list[PointId] = [member.id for member in members]
    found = shard.retrieve(ids, with_payload=with_payload(body, default=False), with_vector=with_vector(body))
    parts = {point.id: record(point) for point in found}
    scores: list[JsonObject] = [{"version": member.version, "score": member.score} for member in members]
    return [{**parts.get(member.id, {}), **score} for member, score in zip(members, scores, strict=True)]
