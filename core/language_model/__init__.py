"""Texts -> tokens -> a fine-tuned AWD_LSTM encoder -> features."""
