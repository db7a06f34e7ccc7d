"""Films -> IMDb ids: by title and year, by the user's corrections, by cinemagoer."""
