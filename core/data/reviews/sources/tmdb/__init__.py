"""TMDB (The Movie Database) as a source of reviews, with the user's own API key."""
