"""The ingest pipeline: pending documents of a job to searchable chunks, durably. Runs as a worker process.

Per document: parse, chunk, embed, index, verify, commit to the ledger, remove the former version's points.
"""
