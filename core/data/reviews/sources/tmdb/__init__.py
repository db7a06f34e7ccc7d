"""TMDB (The Movie Database), as a source of reviews, by the user's own key."""
