"""cinemagoer: a second search for films, and reviews where its version serves them.

Its licence is the GPL, version 2 or later. Only this folder imports it, and all else works where a user has removed
it. It reads IMDb's downloadable files; nothing here signs in to IMDb or circumvents its sign-in.
"""

from core.data.reviews.matching.cinemagoer.access import review_access, version
from core.data.reviews.matching.cinemagoer.search import search

__all__ = ["review_access", "search", "version"]
