"""Two films: in how many of their reviews each factor is predicted, and their top factors."""

import pandas as pd

BITES = "<b>Bold</b> *$Film$* (.+) [x (1999)"
COUNTS = pd.DataFrame(
    {
        "film_id": [1, 1, 1, 2, 2, 2],
        "title": ["A"] * 3 + [BITES] * 3,
        "factor": [0, 1, 2] * 2,
        "count": [4, 2, 0, 0, 1, 0],
        "reviews": [4, 4, 4, 1, 1, 1],
    }
)
"""Of 4 reviews of film 1 all carry factor 0 and two factor 1; the only review of film 2 carries factor 1."""
TOPS = pd.DataFrame({"film_id": [1, 1, 2], "factor": [0, 2, 2], "rank": [1, 2, 1], "weight": [2.0, 1.0, 1.0]})
