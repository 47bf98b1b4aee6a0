"""The gateway's edge: who is admitted, what is relayed, the few answers of its own."""
