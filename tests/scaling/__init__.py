"""How an ingest scales on a Ray cluster of this machine: `python -m tests.scaling`."""
