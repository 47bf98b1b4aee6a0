"""The file a collection is exported to: how it is written and read, bit by bit, whatever its size.

A plain tar, in an order that lets both sides work without a second look at it:

    ragworks.json                    what this is: format, version, the collection's settings
    originals/<2 digits>/<sha256>    the bytes of documents, once for each content, before the documents that have it
    documents/00000001.jsonl         documents
    chunks/00000001.jsonl            their chunks, and right behind them
    vectors/00000001.npz             the vectors of these chunks (NumPy: dense, bm25_offsets, bm25_indices, bm25_values)
    ...
    manifest.json                    how much it was, and what was left out
    SHA256SUMS                       checksums of all members above, as `sha256sum -c` takes them
"""
