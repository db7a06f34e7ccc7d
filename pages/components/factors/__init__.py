"""The parts of the page Factors."""
