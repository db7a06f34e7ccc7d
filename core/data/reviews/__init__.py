"""Reviews: their sources, which film each is of, and which films have some."""
