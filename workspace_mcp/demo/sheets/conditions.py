"""SUMIF, COUNTIF, AVERAGEIF and their conditions, as Sheets reads them. No I/O.

Source: support.google.com/docs/answer/3093583
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from workspace_mcp.demo.sheets.entered import number

_SIGN: Final = re.compile(r"(<>|<=|>=|=|<|>)?(.*)", re.DOTALL)


def fits(condition: Any) -> Callable[[Any], bool]:
    """Whether a value meets a condition: `5`, `">=5"`, `"x*"`, `"<>done"`; letter case does not count."""
    if isinstance(condition, bool) or not isinstance(condition, str):
        return lambda value: (
            value == condition and isinstance(value, bool) == isinstance(condition, bool)
        )
    found = _SIGN.fullmatch(condition)
    assert found is not None
    sign, rest = found[1] or "=", found[2]
    amount = number(rest.strip())
    if amount is not None:
        limit = float(amount[0]["numberValue"])
        return lambda value: (_number(value) and _compared(sign, float(value), limit)) or (
            sign == "<>" and not _number(value)
        )  # fmt: skip
    if sign in {"=", "<>"}:
        pattern = re.compile(_wild(rest), re.IGNORECASE | re.DOTALL)
        return lambda value: (
            (isinstance(value, str) and pattern.fullmatch(value) is not None) == (sign == "=")
        )
    return lambda value: isinstance(value, str) and value != "" and _compared(
        sign, value.lower(), rest.lower()
    )  # fmt: skip


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wild(text: str) -> str:
    """`*` is any text, `?` one character, `~` takes their meaning away."""
    parts = re.findall(r"~[*?~]|.", text, re.DOTALL)
    words = {"*": ".*", "?": "."}
    return "".join(words.get(one) or re.escape(one[-1]) for one in parts)


def _compared(sign: str, left: Any, right: Any) -> bool:
    match sign:
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def chosen(values: Sequence[Any], condition: Any, from_: Sequence[Any]) -> list[Any]:
    """Of `from_`, what stands where `values` meet the condition."""
    meets = fits(condition)
    return [other for value, other in zip(values, from_, strict=False) if meets(value)]
