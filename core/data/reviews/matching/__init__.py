"""Films -> IMDb ids: by the user's corrections, by title and year, by cinemagoer."""
