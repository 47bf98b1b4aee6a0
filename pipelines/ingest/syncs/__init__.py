"""Syncs: what a source holds is listed, compared with the ledger, fetched where it changed, and ingested by jobs.

A sync goes from stage to stage, and the ledger knows which; every stage may run again after a kill.
"""
