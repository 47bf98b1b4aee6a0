"""Makes the fleet that the settings and the catalogue's file describe; nothing is connected yet."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from services.inference.adapters.fleet import Fleet
from services.inference.adapters.model_source import ModelSource
from services.inference.adapters.models_file import ModelsFileError
from services.inference.adapters.pool import DirectPool
from services.inference.adapters.replica import Replica
from services.inference.domain.models import Catalogue, ModelSpec, Upstream
from services.shared.kit.http import ServiceClient
from services.shared.kit.keyfiles import read_key_file
from services.shared.kit.settings import PlatformSettings


def single_engine(settings: PlatformSettings, *, models_ttl_s: float) -> Fleet:
    """The one engine of the settings: it says itself which models it has."""
    key = settings.secret("engine").get_secret_value()
    client = ServiceClient(
        settings.engine_url, audience="the model engine", settings=settings, bearer=key, read_timeout_s=0
    )
    replica = Replica(client, ModelSource(client, timedelta(seconds=models_ttl_s)), kind=None, rest_s=0)
    spec = ModelSpec(name="engine", replicas=(Upstream(url=settings.engine_url),))
    return Fleet([DirectPool(spec, [replica], probe_every_s=None)], is_declared=False)


def declared_fleet(
    catalogue: Catalogue,
    settings: PlatformSettings,
    environment: Mapping[str, str],
    *,
    models_ttl_s: float,
    probe_every_s: float,
    rest_s: float,
) -> Fleet:
    """The models of a catalogue.

    Raises:
        ModelsFileError: a key that is named is not there.
    """
    ttl = timedelta(seconds=models_ttl_s)
    pools = list[DirectPool]()
    for spec in catalogue.models:
        replicas = list[Replica]()
        for upstream in spec.replicas:
            client = _client(spec, upstream, settings, environment)
            replicas.append(Replica(client, ModelSource(client, ttl), kind=spec.kind, rest_s=rest_s))
        # An outside API is not ours to ask every other second: its requests show how it is.
        pools.append(DirectPool(spec, replicas, probe_every_s=probe_every_s if spec.kind == "vllm" else None))
    return Fleet(pools, is_declared=True, levels=catalogue.slo)


def _client(
    spec: ModelSpec, upstream: Upstream, settings: PlatformSettings, environment: Mapping[str, str]
) -> ServiceClient:
    key = _key(spec, upstream, settings.home, environment)
    if key is None and spec.kind == "vllm":
        key = settings.secret("engine").get_secret_value()
    return ServiceClient(
        upstream.url,
        audience=f"the replica {upstream.url} of {spec.name}",
        settings=settings,
        bearer=key,
        read_timeout_s=0,  # the service's deadlines end a call
        is_outside=spec.kind == "openai",
    )


def _key(spec: ModelSpec, upstream: Upstream, home: Path, environment: Mapping[str, str]) -> str | None:
    variable, file = upstream.key_env or spec.key_env, upstream.key_file or spec.key_file
    if variable:
        if not environment.get(variable):
            raise ModelsFileError(f"{spec.name}: key_env names {variable}, which is not set; set it or use key_file.")
        return environment[variable]
    if file:
        path = home / file
        if not path.is_file():
            raise ModelsFileError(f"{spec.name}: key_file names {path}, which is not there; write the key into it.")
        return read_key_file(path)
    return None
