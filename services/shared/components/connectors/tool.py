"""A tool: a typed live operation of a connector, and the decorator that makes one of a method."""

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from services.shared.contracts.tools import Effect

JsonSchema = Mapping[str, Any]
Arguments = Mapping[str, Any]
Run = Callable[[Arguments], Awaitable[object]]
F = TypeVar("F", bound=Callable[..., Awaitable[object]])

_MARK = "__ragworks_tool__"


@dataclass(frozen=True)
class Tool:
    """What can be called, and what a caller has to know of it. `run` answers with JSON values.

    `cache_s`: seconds for which an answer may be given again; only what reads can have any. `cost`: of a call, as the
    operator counts it. `apart_by`: the argument with the address that is asked, where each host fails for itself.
    """

    name: str
    description: str
    arguments: JsonSchema
    run: Run
    result: JsonSchema | None = None
    effect: Effect = Effect.READ
    timeout_s: float = 10.0
    cache_s: float = 0.0
    cost: float = 0.0
    apart_by: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that a caller decides by: name, description, schemas, effect."""
        said = [self.name, self.description, self.arguments, self.result, self.effect]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class _Traits:
    effect: Effect
    timeout_s: float
    cache_s: float
    cost: float
    apart_by: str


def tool(
    *,
    effect: Effect = Effect.READ,
    timeout_s: float = 10.0,
    cache_s: float = 0.0,
    cost: float = 0.0,
    apart_by: str = "",
) -> Callable[[F], F]:
    """Makes a tool of a connector's async method; see `Tool` for its traits.

    Its docstring is the description; its typed parameters are the arguments; what it returns is described by its
    annotation: a pydantic model, or anything that pydantic can turn into JSON.
    """

    def mark(function: F) -> F:
        setattr(function, _MARK, _Traits(effect, timeout_s, cache_s, cost, apart_by))
        return function

    return mark


def tools_of(connector: object) -> list[Tool]:
    """The tools that an object's methods are marked as, by name."""
    return [_tool(connector, name, function, traits) for name, function, traits in _marked(type(connector))]


def _marked(kind: type) -> Iterator[tuple[str, Callable[..., Awaitable[object]], _Traits]]:
    for name, function in inspect.getmembers(kind, inspect.isfunction):
        traits = getattr(function, _MARK, None)
        if isinstance(traits, _Traits):
            yield name, function, traits


def _tool(connector: object, name: str, function: Callable[..., Awaitable[object]], traits: _Traits) -> Tool:
    hints = get_type_hints(function, include_extras=True)
    arguments, result = _arguments(name, function, hints), TypeAdapter[Any](hints.get("return", object))

    async def run(given: Arguments) -> object:
        model = arguments.model_validate(given)
        values = {field: getattr(model, field) for field in type(model).model_fields}
        return result.dump_python(await function(connector, **values), mode="json")

    return Tool(
        name=name,
        description=inspect.cleandoc(function.__doc__ or name),
        arguments=arguments.model_json_schema(),
        run=run,
        result=result.json_schema(mode="serialization"),
        effect=traits.effect,
        timeout_s=traits.timeout_s,
        cache_s=traits.cache_s,
        cost=traits.cost,
        apart_by=traits.apart_by,
    )


def _arguments(name: str, function: Callable[..., object], hints: Mapping[str, Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for each in list(inspect.signature(function).parameters.values())[1:]:
        default = ... if each.default is inspect.Parameter.empty else each.default
        fields[each.name] = (hints[each.name], default)
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
