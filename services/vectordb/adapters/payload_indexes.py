"""Payload index schemas as the engine's objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import qdrant_edge as edge
from pydantic import JsonValue

from services.vectordb.domain.fields import (
    JsonObject,
    as_object,
    as_text,
    as_texts,
    optional_count,
    optional_flag,
    optional_text,
)
from services.vectordb.errors import FormatError, UnsupportedError

_PLAIN = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "geo": edge.PayloadSchemaType.Geo,
    "text": edge.PayloadSchemaType.Text,
    "bool": edge.PayloadSchemaType.Bool,
    "datetime": edge.PayloadSchemaType.Datetime,
    "uuid": edge.PayloadSchemaType.Uuid,
}
_TOKENIZERS = {
    "prefix": edge.TokenizerType.Prefix,
    "whitespace": edge.TokenizerType.Whitespace,
    "word": edge.TokenizerType.Word,
    "multilingual": edge.TokenizerType.Multilingual,
}


def index_schema(value: object) -> edge.PayloadSchemaType | edge.PayloadSchemaParams:
    """A schema as a type's name, or as an object with its parameters.

    Raises:
        FormatError: no such type.
    """
    if isinstance(value, str):
        plain = _PLAIN.get(value)
        if plain is None:
            raise FormatError(f"field_schema: unknown type `{value}`, expected one of {', '.join(_PLAIN)}")
        return plain
    body = as_object(value, "field_schema")
    kind = as_text(body.get("type"), "field_schema.type")
    build = _PARAMS.get(kind)
    if build is None:
        raise FormatError(f"field_schema.type: unknown type `{kind}`, expected one of {', '.join(_PARAMS)}")
    return build(body)


def type_name(schema: edge.PayloadSchemaType) -> str:
    """The type's name in the API."""
    return next(name for name, kind in _PLAIN.items() if kind == schema)


def schema_to_keep(value: object) -> dict[str, JsonValue]:
    """The schema as an object, to be shown again later."""
    return cast("dict[str, JsonValue]", {"type": value} if isinstance(value, str) else value)


def _keyword(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.KeywordIndexParams(
        is_tenant=optional_flag(body, "is_tenant"),
        on_disk=optional_flag(body, "on_disk"),
        enable_hnsw=optional_flag(body, "enable_hnsw"),
        prefix=optional_flag(body, "prefix"),
    )


def _integer(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.IntegerIndexParams(
        lookup=optional_flag(body, "lookup"),
        range=optional_flag(body, "range"),
        is_principal=optional_flag(body, "is_principal"),
        on_disk=optional_flag(body, "on_disk"),
        enable_hnsw=optional_flag(body, "enable_hnsw"),
    )


def _float(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.FloatIndexParams(
        is_principal=optional_flag(body, "is_principal"),
        on_disk=optional_flag(body, "on_disk"),
        enable_hnsw=optional_flag(body, "enable_hnsw"),
    )


def _datetime(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.DatetimeIndexParams(
        is_principal=optional_flag(body, "is_principal"),
        on_disk=optional_flag(body, "on_disk"),
        enable_hnsw=optional_flag(body, "enable_hnsw"),
    )


def _geo(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.GeoIndexParams(on_disk=optional_flag(body, "on_disk"), enable_hnsw=optional_flag(body, "enable_hnsw"))


def _bool(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.BoolIndexParams(on_disk=optional_flag(body, "on_disk"), enable_hnsw=optional_flag(body, "enable_hnsw"))


def _uuid(body: JsonObject) -> edge.PayloadSchemaParams:
    return edge.UuidIndexParams(
        is_tenant=optional_flag(body, "is_tenant"),
        on_disk=optional_flag(body, "on_disk"),
        enable_hnsw=optional_flag(body, "enable_hnsw"),
    )


def _text(body: JsonObject) -> edge.PayloadSchemaParams:
    tokenizer = optional_text(body, "tokenizer")
    if tokenizer is not None and tokenizer not in _TOKENIZERS:
        raise FormatError(f"tokenizer: unknown tokenizer `{tokenizer}`, expected one of {', '.join(_TOKENIZERS)}")
    return edge.TextIndexParams(
        tokenizer=_TOKENIZERS[tokenizer or "word"],
        min_token_len=optional_count(body, "min_token_len"),
        max_token_len=optional_count(body, "max_token_len"),
        lowercase=optional_flag(body, "lowercase"),
        ascii_folding=optional_flag(body, "ascii_folding"),
        phrase_matching=optional_flag(body, "phrase_matching"),
        stopwords=_stopwords(body.get("stopwords")),
        on_disk=optional_flag(body, "on_disk"),
        stemmer=_stemmer(body.get("stemmer")),
        enable_hnsw=optional_flag(body, "enable_hnsw"),
    )


def _stopwords(value: object) -> edge.Stopwords | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _language(value)
    body = as_object(value, "stopwords")
    languages = {_language(name) for name in as_texts(body.get("languages") or [], "languages")}
    return edge.StopwordsSet(languages=languages, custom=set(as_texts(body.get("custom") or [], "custom")))


def _language(name: str) -> edge.Language:
    language = getattr(edge.Language, name.capitalize(), None)
    if language is None:
        raise FormatError(f"stopwords: unknown language `{name}`")
    return language


def _stemmer(value: object) -> edge.StemmingAlgorithm | None:
    if value is None:
        return None
    body = as_object(value, "stemmer")
    if body.get("type") != "snowball":
        raise UnsupportedError(f"The stemmer {body.get('type')!r}")
    name = as_text(body.get("language"), "stemmer.language")
    language = getattr(edge.SnowballLanguage, name.capitalize(), None)
    if language is None:
        raise FormatError(f"stemmer: unknown language `{name}`")
    return edge.SnowballParams(language)


_PARAMS: dict[str, Callable[[JsonObject], edge.PayloadSchemaParams]] = {
    "keyword": _keyword,
    "integer": _integer,
    "float": _float,
    "geo": _geo,
    "text": _text,
    "bool": _bool,
    "datetime": _datetime,
    "uuid": _uuid,
}
