"""The known layouts. One more is a few lines here and a test; the more special come first."""

from core.data.layouts.layout import Layout

USER_FILM_RATING_TIME = {"user": "column 1", "film": "column 2", "rating": "column 3", "time": "column 4"}

KNOWN = (
    Layout(
        name="Amazon reviews of 2023",
        columns={
            "user": "user_id",
            "film": "parent_asin",
            "rating": "rating",
            "time": "timestamp",
            "review": "text",
        },
        signs=("user_id", "parent_asin", "rating"),
        scale=(1, 5),
    ),
    Layout(
        name="Book-Crossing",
        columns={"user": "User-ID", "film": "ISBN", "rating": "Book-Rating"},
        signs=("User-ID", "ISBN", "Book-Rating"),
        absent=(0,),
        scale=(1, 10),
    ),
)
