"""The vector database as a process that is killed, filled up and restarted."""
