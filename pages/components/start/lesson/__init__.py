"""The steps of the guided example: the ground truth, what a run finds of it, and where it is wrong.

what     the example's run and world, which all steps show, and a question to the class
ratings  from the made-up world to factors that repeat
reviews  from the readings of reviews to the errors
"""

from collections.abc import Callable

from pages.components.start.lesson.ratings import do_they_repeat, from_ratings_alone, made_up_world
from pages.components.start.lesson.reviews import FACTORS, FILM, one_film, what_goes_wrong, what_reviews_tell
from pages.components.start.lesson.what import Lesson

__all__ = ["FACTORS", "FILM", "STEPS", "Lesson"]

STEPS: tuple[tuple[str, Callable[[Lesson], None]], ...] = (
    ("A world that was made up", made_up_world),
    ("Factors, from ratings alone", from_ratings_alone),
    ("Do the factors repeat?", do_they_repeat),
    ("What the reviews reveal", what_reviews_tell),
    ("One film beside its truth", one_film),
    ("Where it goes wrong", what_goes_wrong),
)
"""Title of each step, and the function that draws it."""
