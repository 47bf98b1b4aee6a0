"""The ledger of collections, files, documents and ingest jobs, and the bytes it refers to.

The corpus service and the ingest pipeline meet here: both change the ledger through these functions only, inside
transactions of `Catalogue`. Not here: vectors (components/indexes) and the queue of jobs.
"""
