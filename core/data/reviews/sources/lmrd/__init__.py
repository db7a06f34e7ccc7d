"""The Large Movie Review Dataset, as a source of reviews."""
