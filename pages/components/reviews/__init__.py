"""The parts of the page Reviews."""
