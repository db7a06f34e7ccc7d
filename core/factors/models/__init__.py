"""Methods that learn factors from ratings; all lead to the same tables."""
