"""The parts of the page Start: the best-supported factors, and the guided example."""
