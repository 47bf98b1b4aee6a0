"""What the command reads from the environment: where the platform is, and how its processes are started."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from services.shared.kit.settings import PlatformSettings

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGED_MODEL = "SmolLM2-135M-Instruct"

_NOT_FOR_CHILDREN = frozenset({"PYTHONDONTWRITEBYTECODE"})  # cached bytecode makes the next start faster


class CliSettings(PlatformSettings):
    """Settings of the `ragworks` command and of the supervisor it starts."""

    SERVICE: ClassVar[str] = "cli"

    api_key: SecretStr | None = Field(
        default=None, description="API key for the gateway; default: the file secrets/api.key."
    )
    model: str = Field(
        default="",
        description="Language model: a Hugging Face id or a folder; default: the packaged "
        f"{PACKAGED_MODEL} under models/.",
    )
    model_name: str = Field(
        default="", description="Name the model is served under; default: the last part of RAGWORKS_MODEL."
    )
    max_model_len: int = Field(default=8192, ge=256, description="Longest prompt plus answer of the model, in tokens.")
    engine_args: str = Field(default="", description="Further arguments for vLLM, as on a command line.")
    engine_python: Path = Field(
        default=REPOSITORY / ".venv-engine" / "bin" / "python",
        description="Python of the model engine's own environment.",
    )
    aiperf: Path = Field(
        default=REPOSITORY / ".venv-aiperf" / "bin" / "aiperf",
        description="AIPerf's command, for 'ragworks bench inference'; 'prepare.py --aiperf' installs it there.",
    )
    engine_kv_cache_gib: int = Field(
        default=1, ge=1, description="Memory for the key-value cache of a CPU engine, in GiB."
    )
    engine_managed: bool = Field(
        default=True, description="Start vLLM here; false when RAGWORKS_ENGINE_URL is a server of its own."
    )
    vectordb_managed: bool = Field(
        default=True,
        description="Start services/vectordb here; false when RAGWORKS_VECTORDB_URL is a Qdrant server.",
    )
    start_timeout_s: float = Field(default=600, gt=0, description="Seconds 'ragworks up' waits for ready.")
    stop_timeout_s: float = Field(
        default=60, gt=0, description="Seconds 'ragworks down' waits before it kills what is left."
    )
    patience_s: float = Field(default=300, ge=0, description="Seconds an ingest waits for a platform that restarts.")
    request_timeout_s: float = Field(
        default=120, gt=0, description="Seconds without a byte from the gateway before giving up."
    )
    upload_concurrency: int = Field(default=4, ge=1, le=32, description="Files uploaded at once.")
    min_free_disk_bytes: int = Field(
        default=1024**3, ge=0, description="Free disk space 'ragworks up' asks for, in bytes."
    )

    @property
    def run_dir(self) -> Path:
        return self.home / "run"

    @property
    def logs_dir(self) -> Path:
        return self.home / "logs"

    @property
    def marker(self) -> Path:
        """The file that exists while the platform is meant to be up; it holds the addresses in use."""
        return self.run_dir / "platform.json"

    @property
    def engine_group_file(self) -> Path:
        """Remembers the process group of the engine, so that what outlives it is found."""
        return self.run_dir / "engine.group"

    @property
    def environment(self) -> Mapping[str, str]:
        """Where `env:` references of connectors are looked up."""
        return os.environ

    @property
    def api_key_file(self) -> Path:
        return self.secrets_dir / "api.key"

    @property
    def model_path(self) -> str:
        """What vLLM is told to serve: an id or a folder."""
        return self.model or str(self.models_dir / PACKAGED_MODEL)

    @property
    def served_model_name(self) -> str:
        return self.model_name or self.model_path.rstrip("/").rsplit("/", maxsplit=1)[-1]

    def address(self, service: str) -> str:
        """The address of one service."""
        return getattr(self, f"{service}_url")

    def addresses(self) -> dict[str, str]:
        """All addresses by the name of their setting."""
        return {name: getattr(self, name) for name in type(self).model_fields if name.endswith("_url")}

    def child_environment(self) -> dict[str, str]:
        """The environment of the supervisor: ours, and what its configuration file expands."""
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CHILDREN}
        return {
            **inherited,
            "RAGWORKS_HOME": str(self.home),
            "RAGWORKS_REPOSITORY": str(REPOSITORY),
            "RAGWORKS_RUN": str(self.run_dir),
            "RAGWORKS_LOGS": str(self.logs_dir),
            "RAGWORKS_MARKER": str(self.marker),
            "RAGWORKS_TETHER": shlex.join(
                [sys.executable, "-I", "-S", str(Path(__file__).parent / "host" / "tether.py")]
            ),
            "RAGWORKS_ENGINE_MANAGED": str(self.engine_managed).lower(),
            "RAGWORKS_VECTORDB_MANAGED": str(self.vectordb_managed).lower(),
            "RAGWORKS_EMBEDDING_MANAGED": str(not self.embedding_endpoint).lower(),
        }

    def engine_environment(self, *, on_cpu: bool) -> dict[str, str]:
        """The environment of vLLM: no telemetry, no look at the hub for a local model, the key unseen by `ps`.

        On a CPU it needs no worker process of its own; that halves its time to start.
        """
        offline = {"HF_HUB_OFFLINE": "1"} if Path(self.model_path).is_dir() else {}
        cpu = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_CPU_KVCACHE_SPACE": str(self.engine_kv_cache_gib)}
        return {
            **(cpu if on_cpu else {}),
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_HTTP_TIMEOUT_KEEP_ALIVE": "75",  # longer than our idle connections, so that none meets a closing one
            "DO_NOT_TRACK": "1",
            **offline,
            **os.environ,
            "VLLM_API_KEY": self.secret("engine").get_secret_value(),
        }


def load_settings(*, url: str | None = None) -> CliSettings:
    """The settings for a fresh start: the environment alone; `url` is the gateway's address if given."""
    configured = CliSettings()
    changes: dict[str, object] = {"home": configured.home.expanduser().resolve()}
    if url is not None:
        changes["gateway_url"] = url.rstrip("/")
    return configured.model_copy(update=changes)


def running_settings(*, url: str | None = None) -> CliSettings:
    """The settings of the platform that runs: addresses it was started with, unless the environment differs."""
    settings = load_settings(url=url)
    try:
        recorded = json.loads(settings.marker.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return settings
    known = settings.addresses()
    explicit = settings.model_fields_set | ({"gateway_url"} if url is not None else set())
    return settings.model_copy(
        update={name: value for name, value in recorded.items() if name in known and name not in explicit}
    )
