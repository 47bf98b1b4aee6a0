"""Rules of the corpus that know no framework."""
