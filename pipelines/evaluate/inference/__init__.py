"""Measuring a served model: AIPerf sends the load, what it found becomes a frontier."""
