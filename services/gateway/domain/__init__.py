"""The gateway's own rules: what a key is, which path belongs to which service. No framework here."""
