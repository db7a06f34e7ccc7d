"""How well the classifier reads factors from reviews of films it never saw."""
