"""Which factors repeat when the model is trained again."""
