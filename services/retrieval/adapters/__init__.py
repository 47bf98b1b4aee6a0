"""The parts search is made of: which collections there are, and the search itself."""
