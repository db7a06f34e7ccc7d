"""A nested record -> flat columns of text."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.data.tables.bounds import DEPTH

JOIN = "|"


def flat(record: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the values of a record as text, under the names that lead to them.

    >>> flat({"movie": {"title": "Heat", "ids": {"imdb": "tt1"}}, "tags": ["a", "b"], "cast": [{"name": "X"}]})
    {'movie.title': 'Heat', 'movie.ids.imdb': 'tt1', 'tags': 'a|b', 'cast.name': 'X'}
    """
    columns: dict[str, str | None] = {}
    _add(columns, "", record, 0)
    return columns


def _add(columns: dict[str, str | None], name: str, value: Any, depth: int) -> None:
    if depth > DEPTH:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _add(columns, f"{name}.{key}" if name else str(key), inner, depth + 1)
        return
    if isinstance(value, Sequence) and not isinstance(value, str):
        texts: dict[str, list[str]] = {}
        for item in value:
            inner_columns: dict[str, str | None] = {}
            _add(inner_columns, name, item, depth + 1)
            for inner_name, text in inner_columns.items():
                texts.setdefault(inner_name, []).extend([] if text is None else [text])
        for inner_name, given in texts.items():
            before = columns.get(inner_name)
            columns[inner_name] = (
                JOIN.join([*([] if before is None else [before]), *given]) if given else before
            )
        if not value:
            columns.setdefault(name, None)
        return
    while name in columns:
        # A key that holds a dot looks like a nested one.
        name = f"{name} (2)"
    columns[name] = as_text(value)


def as_text(value: Any) -> str | None:
    """Return a plain value as text, None where it is missing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    # Lone surrogates, which JSON can escape but no encoding can hold, become question marks.
    return str(value).encode("utf-8", "replace").decode()
