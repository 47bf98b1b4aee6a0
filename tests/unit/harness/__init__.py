"""Tests of what the tests themselves rest on."""
