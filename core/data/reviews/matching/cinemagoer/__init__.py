"""cinemagoer, where it is installed: a second search for films, and reviews where it can serve them.

An optional extra (`pip install -r requirements-cinemagoer.txt`), since it is licensed under the GPL, version 2.
Nothing outside this folder imports it. It reads what IMDb offers for download, and nothing here signs in to IMDb or
goes around its sign-in.
"""

from core.data.reviews.matching.cinemagoer.access import review_access, version
from core.data.reviews.matching.cinemagoer.search import search

__all__ = ["review_access", "search", "version"]
