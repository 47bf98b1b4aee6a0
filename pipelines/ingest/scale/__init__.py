"""The same ingest on a Ray cluster: workers there parse, chunk, embed and store; the ledger stays where it is.

ingest worker (`batches`, `cluster`) ─pipe─ driver process (`driver`, Ray Data) ─ Ray ─ workers (`node`, `notebook`)
"""
