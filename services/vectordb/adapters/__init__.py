"""What touches the disk and the engine: shards, catalogue, index builds, snapshots, and the way in and out of them."""
