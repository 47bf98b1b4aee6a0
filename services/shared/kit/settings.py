"""Settings every process shares: where state lives, where the other services are, which secrets join them.

Each service subclasses `PlatformSettings` in its own `settings.py` and adds its own fields. The environment
(prefix `RAGWORKS_`) is read there and nowhere else; defaults live there and nowhere else.
"""

from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.shared.kit.keyfiles import read_key_file

_REPOSITORY = Path(__file__).resolve().parents[3]


class PlatformSettings(BaseSettings):
    """What every service reads from the environment."""

    model_config = SettingsConfigDict(env_prefix="RAGWORKS_", frozen=True, extra="ignore", protected_namespaces=())

    SERVICE: ClassVar[str] = "platform"

    home: Path = Field(
        default=_REPOSITORY / "var", description="Folder that holds all state: models, data, logs, secrets."
    )
    bind_host: str = Field(
        default="127.0.0.1", description="Address every service listens on; loopback unless told otherwise."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level logged."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="One JSON object a line, or readable text."
    )

    gateway_url: str = Field(default="http://127.0.0.1:8080", description="Address of the public door.")
    engine_url: str = Field(default="http://127.0.0.1:8100", description="Address of the model engine (vLLM).")
    orchestrator_url: str = Field(default="http://127.0.0.1:8101", description="Address of the orchestrator.")
    inference_url: str = Field(default="http://127.0.0.1:8102", description="Address of the inference service.")
    retrieval_url: str = Field(default="http://127.0.0.1:8103", description="Address of the retrieval service.")
    corpus_url: str = Field(default="http://127.0.0.1:8104", description="Address of the corpus service.")
    embedding_url: str = Field(default="http://127.0.0.1:8105", description="Address of the embedding model server.")
    ingest_url: str = Field(
        default="http://127.0.0.1:8106", description="Address of the ingest worker: previews, health and metrics."
    )
    connectors_url: str = Field(default="http://127.0.0.1:8107", description="Address of the connectors service.")
    vectordb_url: str = Field(
        default="http://127.0.0.1:6333",
        description="Address of the vector database: services/vectordb or any Qdrant server.",
    )

    internal_key: SecretStr | None = Field(
        default=None,
        description="Secret that signs requests between services; default: the file secrets/internal.key.",
    )
    engine_key: SecretStr | None = Field(
        default=None, description="API key of the model engine; default: the file secrets/engine.key."
    )
    vectordb_key: SecretStr | None = Field(
        default=None, description="API key of the vector database; default: the file secrets/vectordb.key."
    )

    upstream_connect_timeout_s: float = Field(
        default=3.0, gt=0, description="Seconds to wait for a connection to another service."
    )
    upstream_read_timeout_s: float = Field(
        default=120.0, gt=0, description="Seconds without a byte from another service before giving up."
    )

    max_file_bytes: int = Field(default=100_000_000, gt=0, description="Largest file that can be uploaded, in bytes.")

    embedding_model: str = Field(
        default="all-MiniLM-L6-v2",
        description="Embedding model: the packaged one, a Hugging Face id, or a folder.",
    )
    embedding_endpoint: str = Field(
        default="",
        description="Address of a remote embedding endpoint, such as https://api.example.com/v1; services/embedding is "
        "not needed then.",
    )
    embedding_price_per_million_tokens: float | None = Field(
        default=None, ge=0, description="What the embedding model costs, for plans and metrics; in any currency."
    )
    reranker_model: str = Field(
        default="",
        description="Reranker: a cross-encoder's Hugging Face id, a folder, or a name under models/; none by default.",
    )
    rerank_endpoint: str = Field(
        default="",
        description="Address of a remote server with /rerank, such as http://127.0.0.1:8200/v1; it serves the reranker "
        "instead of services/embedding.",
    )

    @property
    def secrets_dir(self) -> Path:
        return self.home / "secrets"

    @property
    def models_dir(self) -> Path:
        return self.home / "models"

    @property
    def port(self) -> int:
        """The port this service listens on: the one in its own address."""
        return port_of(getattr(self, f"{self.SERVICE}_url"))

    def secret(self, name: Literal["internal", "engine", "vectordb"]) -> SecretStr:
        """The secret from the environment, else from its file under `secrets/`.

        Raises:
            FileNotFoundError: neither is there; `ragworks up` creates the files.
            ValueError: the file is empty.
        """
        configured: SecretStr | None = getattr(self, f"{name}_key")
        if configured is not None:
            return configured
        path = self.secrets_dir / f"{name}.key"
        if not path.is_file():
            raise FileNotFoundError(
                f"No {name} key: set RAGWORKS_{name.upper()}_KEY or let 'ragworks up' create {path}."
            )
        return SecretStr(read_key_file(path))


def port_of(url: str) -> int:
    """The port in an address, or its scheme's default."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
