"""Conditions as people write them → Google's `BooleanCondition`, colour scales, validation. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/other#ConditionType
"""

import re
from typing import Any, Final, Literal

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.sheets.looks import colour

_SIGNS: Final = {
    ">": "GREATER", ">=": "GREATER_THAN_EQ", "<": "LESS", "<=": "LESS_THAN_EQ", "=": "EQ", "!=": "NOT_EQ",
}  # fmt: skip
_DATES: Final = {
    ">": "AFTER", ">=": "ON_OR_AFTER", "<": "BEFORE", "<=": "ON_OR_BEFORE", "=": "EQ", "!=": "NOT_EQ",
}  # fmt: skip
_WORDS: Final = {
    "contains": "TEXT_CONTAINS", "not contains": "TEXT_NOT_CONTAINS", "starts with": "TEXT_STARTS_WITH",
    "ends with": "TEXT_ENDS_WITH", "is": "TEXT_EQ", "is not": "TEXT_NOT_EQ",
}  # fmt: skip
_ALONE: Final = {
    "blank": "BLANK", "not blank": "NOT_BLANK", "email": "TEXT_IS_EMAIL", "url": "TEXT_IS_URL",
    "date": "DATE_IS_VALID", "checkbox": "BOOLEAN",
}  # fmt: skip
Use = Literal["filter", "format", "validation"]
_ONLY: Final[dict[str, set[Use]]] = {
    "TEXT_STARTS_WITH": {"filter", "format"}, "TEXT_ENDS_WITH": {"filter", "format"},
    "BLANK": {"filter", "format"}, "NOT_BLANK": {"filter", "format"},
    "TEXT_IS_EMAIL": {"validation"}, "TEXT_IS_URL": {"validation"}, "DATE_IS_VALID": {"validation"},
    "DATE_ON_OR_AFTER": {"validation"}, "DATE_ON_OR_BEFORE": {"validation"},
    "DATE_BETWEEN": {"validation"}, "DATE_NOT_BETWEEN": {"validation"}, "BOOLEAN": {"validation"},
    "TEXT_NOT_EQ": set(), "DATE_NOT_EQ": set(),
}  # fmt: skip
"""Kinds that Google does not take everywhere, and where it does."""
_FORMULAS: Final = {
    "TEXT_STARTS_WITH": "LEFT({c},LEN({0}))={0}", "TEXT_ENDS_WITH": "RIGHT({c},LEN({0}))={0}",
    "BLANK": "LEN({c})=0", "NOT_BLANK": "LEN({c})>0", "TEXT_NOT_EQ": "{c}<>{0}",
    "TEXT_IS_EMAIL": "ISEMAIL({c})", "TEXT_IS_URL": "ISURL({c})", "DATE_IS_VALID": "ISDATE({c})",
    "DATE_ON_OR_AFTER": "ISNUMBER({c})*({c}>={0})=1",
    "DATE_ON_OR_BEFORE": "ISNUMBER({c})*({c}<{0}+1)=1",
    "DATE_NOT_EQ": "ISNUMBER({c})*({c}>={0})*({c}<{0}+1)=0",
    "DATE_BETWEEN": "ISNUMBER({c})*({c}>={0})*({c}<{1}+1)=1",
    "DATE_NOT_BETWEEN": "ISNUMBER({c})*(({c}<{0})+({c}>={1}+1))=1",
}  # fmt: skip
"""The same as a formula over the cell `c`."""
_DAYS: Final = {"TODAY": "TODAY()", "YESTERDAY": "(TODAY()-1)", "TOMORROW": "(TODAY()+1)"}
HELP: Final = (
    "Write it like > 100, between 1 and 5, = 3, contains late, starts with A, is done, blank, not blank, "
    "> 2026-01-31, or a formula such as =$C2>TODAY()."
)


def condition(text: str, use: Use, cell: str) -> dict[str, Any]:
    """A `BooleanCondition`; as a formula where Google takes its kind elsewhere alone.

    `cell`: the first one that it is for, such as B2.

    Raises:
        ArgumentError: it is none that is known here.
    """
    found = _condition(text)
    kind = found["type"]
    if use in _ONLY.get(kind, {use}):
        return found
    if kind not in _FORMULAS:
        raise ArgumentError("A checkbox is made by do=validate kind=checkbox.")
    values = [_in_formula(kind, one) for one in found.get("values", ())]
    return _typed("CUSTOM_FORMULA", f"={_FORMULAS[kind].format(*values, c=cell)}")


def _in_formula(kind: str, value: dict[str, str]) -> str:
    if "relativeDate" in value:
        return _DAYS[value["relativeDate"]]
    text = '"' + value["userEnteredValue"].replace('"', '""') + '"'
    return f"DATEVALUE({text})" if kind.startswith("DATE") else text


def _condition(text: str) -> dict[str, Any]:
    bare = text.strip()
    low = bare.lower()
    if low in _ALONE:
        return {"type": _ALONE[low]}
    if found := re.fullmatch(r"(>=|<=|!=|<>|>|<|==?)\s*(.+)", bare):
        sign = {"<>": "!=", "==": "="}.get(found[1], found[1])
        if _number(found[2]):
            return _typed(f"NUMBER_{_SIGNS[sign]}", found[2])
        if _date(found[2]):
            return _typed(f"DATE_{_DATES[sign]}", found[2])
        if found[1] == "=":
            return _typed("CUSTOM_FORMULA", bare)
        raise ArgumentError("A comparison needs a number or a date.", HELP)
    if found := re.fullmatch(r"(not )?between (.+?) and (.+)", bare, re.IGNORECASE):
        kind = "NUMBER" if _number(found[2]) else "DATE"
        return _typed(f"{kind}_{'NOT_' if found[1] else ''}BETWEEN", found[2], found[3])
    for word in sorted(_WORDS, key=len, reverse=True):
        if low.startswith(f"{word} "):
            return _typed(_WORDS[word], bare[len(word) :].strip())
    raise ArgumentError("That condition is not known.", HELP)


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?%?", text.strip()) is not None


def _date(text: str) -> bool:
    return (
        re.fullmatch(r"\d{4}-\d{2}-\d{2}|today|yesterday|tomorrow", text.strip().lower())
        is not None
    )


def _typed(kind: str, *values: str) -> dict[str, Any]:
    words = {"today": "TODAY", "yesterday": "YESTERDAY", "tomorrow": "TOMORROW"}
    found = [
        {"relativeDate": words[one.strip().lower()]}
        if kind.startswith("DATE") and one.strip().lower() in words
        else {"userEnteredValue": one.strip()}
        for one in values
    ]
    return {"type": kind, "values": found}


def gradient(text: str) -> dict[str, Any]:
    """A `GradientRule` of `min #fff; 50% #ff0; max #f00`.

    Raises:
        ArgumentError: it has not two or three points.
    """
    points = [_point(one.strip()) for one in text.split(";") if one.strip()]
    if len(points) not in {2, 3}:
        raise ArgumentError(
            "A colour scale has two or three points.", "Write it like min #fff; 50% #ff0; max #f00."
        )
    rule: dict[str, Any] = {"minpoint": points[0], "maxpoint": points[-1]}
    return rule | ({"midpoint": points[1]} if len(points) == 3 else {})


def _point(text: str) -> dict[str, Any]:
    place, _, shade = text.rpartition(" ")
    style = {"colorStyle": colour(shade)}
    place = place.strip().lower()
    if place in {"min", "max"}:
        return {**style, "type": place.upper()}
    if found := re.fullmatch(r"(-?\d+(?:\.\d+)?)(%|th|p)?", place):
        kind = {"%": "PERCENT", "th": "PERCENTILE", "p": "PERCENTILE"}.get(found[2] or "", "NUMBER")
        return {**style, "type": kind, "value": found[1]}
    raise ArgumentError(
        "A point of a colour scale is min, max, a number, or a percentage, then a colour."
    )


def validation(
    kind: str, value: str, cell: str, *, strict: bool, message: str = ""
) -> dict[str, Any]:
    """A `DataValidationRule`: a drop-down of `list` or `range`, a checkbox, or a condition.

    Raises:
        ArgumentError: the kind is not known, or has no value.
    """
    match kind:
        case "list":
            values = [one.strip() for one in value.split(",") if one.strip()]
            if not values:
                raise ArgumentError("value is missing: the choices, with commas between.")
            rule: dict[str, Any] = {
                "type": "ONE_OF_LIST",
                "values": [{"userEnteredValue": one} for one in values],
            }
        case "range":
            rule = _typed("ONE_OF_RANGE", value if value.startswith("=") else f"={value}")
        case "checkbox":
            rule = {"type": "BOOLEAN"}
        case "" | "condition":
            rule = condition(value, "validation", cell)
        case _:
            raise ArgumentError("kind is list, range, checkbox or condition.")
    found: dict[str, Any] = {"condition": rule, "strict": strict}
    if kind in {"list", "range"}:
        found["showCustomUi"] = True
    return found | ({"inputMessage": message} if message else {})
