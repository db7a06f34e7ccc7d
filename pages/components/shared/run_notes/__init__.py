"""What stands beside the results of a run: progress, damage, sources and terms, and what to do next."""
