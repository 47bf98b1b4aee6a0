"""How a collection is configured, as Qdrant's API says it. Keys unknown to us are ignored, as Qdrant does."""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.vectordb.domain.vectors import DenseSpace, VectorSpaces

MemoryPlacement: TypeAlias = Literal["cold", "cached", "pinned"]


class Configuration(BaseModel):
    """Immutable; unset values are left out when it travels."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class HnswConfig(Configuration):
    m: int | None = Field(default=None, ge=0)
    ef_construct: int | None = Field(default=None, ge=4)
    full_scan_threshold: int | None = Field(default=None, ge=0)
    max_indexing_threads: int | None = Field(default=None, ge=0)
    on_disk: bool | None = None
    payload_m: int | None = Field(default=None, ge=0)
    inline_storage: bool | None = None


class OptimizersConfig(Configuration):
    deleted_threshold: float | None = Field(default=None, ge=0, le=1)
    vacuum_min_vector_number: int | None = Field(default=None, ge=100)
    default_segment_number: int | None = Field(default=None, ge=0)
    max_segment_size: int | None = Field(default=None, ge=1)
    memmap_threshold: int | None = Field(default=None, ge=0)
    indexing_threshold: int | None = Field(
        default=None, ge=0, description="Kilobytes of vectors; 0 turns indexing off."
    )
    flush_interval_sec: int | None = Field(default=None, ge=0)
    max_optimization_threads: int | str | None = None
    prevent_unoptimized: bool | None = None


class ScalarQuantizationParams(Configuration):
    type: Literal["int8"]
    quantile: float | None = Field(default=None, ge=0.5, le=1)
    always_ram: bool | None = None


class ProductQuantizationParams(Configuration):
    compression: Literal["x4", "x8", "x16", "x32", "x64"]
    always_ram: bool | None = None


class BinaryQuantizationParams(Configuration):
    always_ram: bool | None = None
    encoding: Literal["one_bit", "two_bits", "one_and_half_bits"] | None = None
    query_encoding: Literal["default", "binary", "scalar4bits", "scalar8bits"] | None = None


class TurboQuantizationParams(Configuration):
    always_ram: bool | None = None
    bits: Literal["bits1", "bits1_5", "bits2", "bits4", "bits8"] | None = None


class ScalarQuantization(Configuration):
    scalar: ScalarQuantizationParams


class ProductQuantization(Configuration):
    product: ProductQuantizationParams


class BinaryQuantization(Configuration):
    binary: BinaryQuantizationParams


class TurboQuantization(Configuration):
    turbo: TurboQuantizationParams


Quantization: TypeAlias = ScalarQuantization | ProductQuantization | BinaryQuantization | TurboQuantization


class MultiVectorConfig(Configuration):
    comparator: Literal["max_sim"]


class DenseVectorParams(Configuration):
    size: int = Field(ge=1, le=65_536)
    distance: Literal["Cosine", "Euclid", "Dot", "Manhattan"]
    hnsw_config: HnswConfig | None = None
    quantization_config: Quantization | None = None
    on_disk: bool | None = None
    datatype: Literal["float32", "float16", "uint8", "turbo8", "turbo16"] | None = None
    multivector_config: MultiVectorConfig | None = None


class SparseIndexParams(Configuration):
    full_scan_threshold: int | None = Field(default=None, ge=0)
    on_disk: bool | None = None
    datatype: Literal["float32", "float16", "uint8"] | None = None


class SparseVectorParams(Configuration):
    index: SparseIndexParams | None = None
    modifier: Literal["none", "idf"] | None = None


class CollectionConfig(Configuration):
    """What a client said when it created the collection, and what later updates changed."""

    vectors: DenseVectorParams | dict[str, DenseVectorParams] = Field(default_factory=dict[str, DenseVectorParams])
    sparse_vectors: dict[str, SparseVectorParams] | None = None
    on_disk_payload: bool | None = None
    hnsw_config: HnswConfig | None = None
    optimizers_config: OptimizersConfig | None = None
    quantization_config: Quantization | None = None
    metadata: dict[str, JsonValue] | None = None

    @property
    def dense(self) -> dict[str, DenseVectorParams]:
        """Dense vectors by name; the unnamed one is called ''."""
        return {"": self.vectors} if isinstance(self.vectors, DenseVectorParams) else self.vectors

    @property
    def spaces(self) -> VectorSpaces:
        """What vectors must look like to fit."""
        dense = {
            name: DenseSpace(params.size, is_multi=params.multivector_config is not None)
            for name, params in self.dense.items()
        }
        return VectorSpaces(dense=dense, sparse=frozenset(self.sparse_vectors or ()))


class CollectionRecord(Configuration):
    """A collection in the catalogue: which shard folder is its current one, and how it is configured."""

    shard: str
    config: CollectionConfig
    payload_indexes: dict[str, dict[str, JsonValue]] = Field(default_factory=dict[str, dict[str, JsonValue]])
    indexed_points: int = 0
