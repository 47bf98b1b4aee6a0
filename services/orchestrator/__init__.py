"""LLM orchestration: the answer graph, from a question to a streamed answer with citations."""
