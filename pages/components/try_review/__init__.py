"""The parts of the page Try a review."""
