"""Indexes: where chunks and their vectors are kept and found. No other code knows vector or payload names."""
