"""Ways of learning factors from ratings; all give the same tables."""
