"""When a collection deserves an index."""

from services.vectordb.domain.configuration import CollectionConfig

_FLOAT_BYTES = 4
_KB = 1024


def wants_index(config: CollectionConfig, *, unindexed_points: int, default_threshold: int) -> bool:
    """Whether enough points are outside the index to build one.

    A collection's own `indexing_threshold` (kilobytes of vectors, 0 = never) goes before the default (points).
    """
    if not config.dense:
        return False
    asked = config.optimizers_config and config.optimizers_config.indexing_threshold
    if asked is None:
        return unindexed_points > default_threshold
    largest = max(params.size for params in config.dense.values())
    return asked > 0 and unindexed_points * largest * _FLOAT_BYTES > asked * _KB


def same_index(before: CollectionConfig, after: CollectionConfig) -> bool:
    """Whether an index built for one configuration is right for the other."""
    return (before.dense, before.hnsw_config, before.quantization_config) == (
        after.dense,
        after.hnsw_config,
        after.quantization_config,
    )
