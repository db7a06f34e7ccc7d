"""Components of the pages; those in `shared` are used by all of them."""
