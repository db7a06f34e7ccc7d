"""The chain: from ratings to histograms, each costly stage through the store."""
