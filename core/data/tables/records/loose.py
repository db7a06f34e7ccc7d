"""A line that holds a Python literal, as in the Amazon data of 2014 -> the record in it."""

import ast
import warnings
from typing import Any


def loose_record(line: str) -> dict[str, Any]:
    """Return the dictionary in a line; nothing in it is run, and its numbers stay text, to the letter.

    Raises ValueError where there is none.

    >>> loose_record("{'asin': '01', 'helpful': [2, 3], 'overall': 5.0}")
    {'asin': '01', 'helpful': ['2', '3'], 'overall': '5.0'}
    """
    encoded = line.strip()
    try:
        with warnings.catch_warnings():
            # Of a backslash that escapes nothing.
            warnings.simplefilter("ignore")
            tree = ast.parse(encoded, mode="eval").body
        record = _value(tree, encoded.encode())
    except (SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("no Python literal") from error
    if not isinstance(record, dict):
        raise ValueError("no dictionary")
    return record


def _value(node: ast.expr, line: bytes) -> Any:
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {str(_value(key, line)): _value(value, line) for key, value in pairs if key is not None}
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(item, line) for item in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return line[node.col_offset : node.end_col_offset].decode()
    if not isinstance(node, ast.Constant):
        raise ValueError(f"a {type(node).__name__}")
    if isinstance(node.value, str | bool) or node.value is None:
        return node.value
    return line[node.col_offset : node.end_col_offset].decode()
