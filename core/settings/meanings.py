"""What each setting means, read from the sentences under the fields in `stages`, the one place for them."""

import ast
import inspect
from functools import cache

from core.settings import stages


@cache
def meanings() -> dict[str, dict[str, str]]:
    """Return the sentence of each field, by class and field.

    >>> meanings()["Phase"]["epochs"]
    'Passes over the labelled reviews.'
    """
    return {
        node.name: _sentences(node)
        for node in ast.parse(inspect.getsource(stages)).body
        if isinstance(node, ast.ClassDef)
    }


def _sentences(node: ast.ClassDef) -> dict[str, str]:
    """Return the text that follows each annotated field of a class, on one line."""
    found = {}
    for field, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str() as text)):
                    found[field.target.id] = " ".join(text.split())
    return found
