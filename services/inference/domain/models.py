"""The catalogue of models: what an operator declares once, and how a name is looked up in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Kind = Literal["vllm", "openai"]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ServiceLevel(_Declared):
    """A class of requests: when its first token is due, how fast the others follow, how many may wait."""

    ttft_ms: float = Field(default=5_000, gt=0)
    itl_ms: float = Field(default=250, gt=0)
    priority: int = Field(default=10, ge=0)
    """A lower number is served first."""
    queue: int = Field(default=64, ge=0)


class Adapter(_Declared):
    """A LoRA adapter that is asked for by its own name; with a path it is loaded into replicas that lack it."""

    name: str = Field(min_length=1)
    path: str | None = None


class Upstream(_Declared):
    """One replica: its address without `/v1`, and where its key is."""

    url: str
    key_env: str | None = None
    key_file: str | None = None

    @field_validator("url")
    @classmethod
    def _is_plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as http://127.0.0.1:8100")
        if parts.username or parts.password or parts.query:
            raise ValueError("must hold no key, user or query; name the key with key_env or key_file")
        return value.rstrip("/").removesuffix("/v1")


class ModelSpec(_Declared):
    """One model and the replicas that serve it."""

    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    served_name: str | None = None
    kind: Kind = "vllm"
    replicas: tuple[Upstream, ...] = Field(min_length=1)
    key_env: str | None = None
    key_file: str | None = None
    context: int | None = Field(default=None, gt=0)
    price_in: float = Field(default=0, ge=0)
    price_out: float = Field(default=0, ge=0)
    slo: str | None = None
    concurrency: int = Field(default=0, ge=0)
    adapters: tuple[Adapter, ...] = ()
    fallback: str | None = None
    overflow: str | None = None

    @field_validator("replicas", mode="before")
    @classmethod
    def _accept_addresses(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return [{"url": each} if isinstance(each, str) else each for each in value]

    @model_validator(mode="after")
    def _has_each_replica_once(self) -> Self:
        urls = [each.url for each in self.replicas]
        twice = _first_repeated(urls)
        if twice:
            raise ValueError(f"replicas: {twice} is listed twice")
        if self.kind == "openai" and self.context is None:
            raise ValueError("context: say how many tokens the model's window has; an outside API does not")
        return self

    @property
    def names(self) -> Iterable[str]:
        """Every name that a request may use."""
        return (self.name, *self.aliases, *(adapter.name for adapter in self.adapters))

    def upstream_name(self, asked: str) -> str:
        """What the replicas call what was asked for."""
        if any(adapter.name == asked for adapter in self.adapters):
            return asked
        return self.served_name or self.name


class Catalogue(_Declared):
    """All models and classes."""

    models: tuple[ModelSpec, ...] = Field(min_length=1)
    slo: Mapping[str, ServiceLevel] = Field(default_factory=dict[str, ServiceLevel])

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        twice = _first_repeated([name for model in self.models for name in model.names])
        if twice:
            raise ValueError(f"models: the name '{twice}' is given twice; names, aliases and adapters share one space")
        known = {model.name for model in self.models}
        for position, model in enumerate(self.models):
            for field, wanted, names in (
                ("fallback", model.fallback, known - {model.name}),
                ("overflow", model.overflow, known - {model.name}),
                ("slo", model.slo, set(self.slo)),
            ):
                if wanted is not None and wanted not in names:
                    listed = ", ".join(sorted(names)) or "none"
                    raise ValueError(f"models.{position}.{field}: '{wanted}' is not declared; declared: {listed}")
        return self


@dataclass(frozen=True)
class Resolved:
    """A name that was asked for, and what it stands for."""

    asked: str
    spec: ModelSpec
    upstream_name: str


def _first_repeated(names: Iterable[str]) -> str | None:
    seen = set[str]()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
