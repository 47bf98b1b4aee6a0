"""Settings of the inference service."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from services.shared.contracts.answers import RecordLevel
from services.shared.kit.database import sqlite_url
from services.shared.kit.keyfiles import read_key_file
from services.shared.kit.settings import PlatformSettings


class InferenceSettings(PlatformSettings):
    """How long to wait for models, and how much to accept."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # an address may hold a password by mistake

    SERVICE: ClassVar[str] = "inference"

    inference_max_body_bytes: int = Field(
        default=16 * 1024 * 1024, gt=0, description="Largest request body the inference service accepts."
    )
    inference_first_token_timeout_s: float = Field(
        default=180.0,
        gt=0,
        description="Seconds to the first token of a streamed answer, its wait in the queue included.",
    )
    inference_next_token_timeout_s: float = Field(
        default=60.0, gt=0, description="Seconds a streamed answer may pause between two chunks."
    )
    inference_answer_timeout_s: float = Field(
        default=900.0, gt=0, description="Seconds an answer that is not streamed may take as a whole."
    )
    inference_models: Path | None = Field(
        default=None,
        description="TOML file that declares models and their replicas (docs/models.md); by default the one engine at "
        "RAGWORKS_ENGINE_URL serves what it lists.",
    )
    inference_probe_s: float = Field(
        default=2.0, gt=0, description="Seconds between two looks at each replica of a declared model."
    )
    inference_rest_s: float = Field(
        default=5.0, gt=0, description="Seconds a replica that failed is left alone while others of its model work."
    )
    inference_models_ttl_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds the list of models of a model server is kept; an unknown model is looked up anew.",
    )
    inference_log: RecordLevel = Field(
        default=RecordLevel.METADATA,
        description="What is kept of each request to a model: off, metadata (no words), full. A request can ask for "
        "less.",
    )
    inference_log_days: float = Field(
        default=30, ge=0, description="Days after which a logged request is deleted; 0: never."
    )
    inference_log_max_bytes: int = Field(
        default=1024**3, ge=1024**2, description="Most the request log takes on disk, about; the oldest go first."
    )
    inference_log_sample: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of the requests without a flag that is logged; flagged ones are all.",
    )
    inference_log_max_content_bytes: int = Field(
        default=1024**2, gt=0, description="Longest request and answer whose words are logged."
    )
    inference_log_redactor: str = Field(
        default="",
        description="Function that takes personal data out of texts before they are logged: its name under the entry "
        "point group ragworks.redactors; secrets are taken out always.",
    )
    inference_database_url: str | None = Field(
        default=None, description="Database of the request log; default: the SQLite file db/inference.sqlite."
    )
    embedding_endpoint_api: Literal["openai", "tei"] = Field(
        default="openai",
        description="What the remote embedding endpoint speaks: OpenAI's /embeddings, or /embed of "
        "text-embeddings-inference.",
    )
    embedding_endpoint_key: SecretStr | None = Field(
        default=None,
        description="API key of the remote embedding endpoint; default: the file secrets/embedding-endpoint.key.",
    )
    embedding_endpoint_model: str = Field(
        default="", description="Name of the embedding model at the remote endpoint; default: RAGWORKS_EMBEDDING_MODEL."
    )
    embedding_endpoint_dimensions: int = Field(
        default=0, ge=0, description="Length that every remote vector must have; 0: that of the first one."
    )
    embedding_endpoint_shorten: bool = Field(
        default=False, description="Ask the remote endpoint for vectors shortened to that length; few models can."
    )
    embedding_endpoint_batch_texts: int = Field(
        default=32, ge=1, le=2048, description="Most texts of one request to the remote embedding endpoint."
    )
    embedding_endpoint_concurrency: int = Field(
        default=4,
        ge=1,
        le=256,
        description="Requests that may be at the remote embedding endpoint; queries not counted.",
    )
    embedding_endpoint_attempts: int = Field(
        default=4, ge=1, le=20, description="Times a request is sent to the remote embedding endpoint at most."
    )
    embedding_endpoint_timeout_s: float = Field(
        default=30.0, gt=0, description="Seconds one attempt at the remote embedding endpoint may take."
    )
    embedding_endpoint_deadline_s: float = Field(
        default=100.0,
        gt=0,
        description="Seconds all attempts together may take; keep it below RAGWORKS_UPSTREAM_READ_TIMEOUT_S.",
    )

    rerank_endpoint_api: Literal["cohere", "tei"] = Field(
        default="cohere",
        description="What the remote reranker speaks: /rerank as Cohere, Jina and vLLM have it, or that of "
        "text-embeddings-inference.",
    )
    rerank_endpoint_key: SecretStr | None = Field(
        default=None,
        description="API key of the remote reranker; default: the file secrets/rerank-endpoint.key.",
    )
    rerank_endpoint_model: str = Field(
        default="", description="Name of the reranker at the remote endpoint; default: RAGWORKS_RERANKER_MODEL."
    )
    rerank_endpoint_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds a request to the remote reranker may take."
    )

    @field_validator("embedding_endpoint", "rerank_endpoint")
    @classmethod
    def _is_plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("must be an address such as https://api.example.com/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("must hold no key, user or query; the key belongs into a file under secrets/")
        return value.rstrip("/")

    @property
    def database(self) -> str:
        return self.inference_database_url or sqlite_url(self.home / "db" / "inference.sqlite")

    @property
    def environment(self) -> Mapping[str, str]:
        """Where the catalogue's `key_env` is looked up."""
        return os.environ

    @property
    def endpoint_key(self) -> SecretStr | None:
        """The key of the remote embedding endpoint, from the environment or its file; None when there is neither."""
        return self._key("embedding-endpoint", self.embedding_endpoint_key)

    @property
    def reranker_key(self) -> SecretStr | None:
        """The same for the remote reranker."""
        return self._key("rerank-endpoint", self.rerank_endpoint_key)

    def _key(self, name: str, configured: SecretStr | None) -> SecretStr | None:
        path = self.secrets_dir / f"{name}.key"
        if configured is not None:
            return configured if configured.get_secret_value() else None
        return SecretStr(read_key_file(path)) if path.is_file() else None
