"""Live tools of outside systems, under one policy."""
