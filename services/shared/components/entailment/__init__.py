"""Entailment models: whether a text states a claim."""
