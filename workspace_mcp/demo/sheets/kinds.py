"""Where Google takes which kind of condition.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/other#ConditionType
"""

from typing import Final

from workspace_mcp.demo.sheets.book import Json, bad

_EVERYWHERE: Final = frozenset(
    {
        "NUMBER_GREATER", "NUMBER_GREATER_THAN_EQ", "NUMBER_LESS", "NUMBER_LESS_THAN_EQ",
        "NUMBER_EQ", "NUMBER_NOT_EQ", "NUMBER_BETWEEN", "NUMBER_NOT_BETWEEN", "TEXT_CONTAINS",
        "TEXT_NOT_CONTAINS", "TEXT_EQ", "DATE_EQ", "DATE_BEFORE", "DATE_AFTER", "CUSTOM_FORMULA",
    }
)  # fmt: skip
_LOOKS: Final = _EVERYWHERE | {"TEXT_STARTS_WITH", "TEXT_ENDS_WITH", "BLANK", "NOT_BLANK"}
_TAKES: Final = {
    "filter": _LOOKS,
    "format": _LOOKS,
    "validation": _EVERYWHERE
    | {
        "TEXT_IS_EMAIL", "TEXT_IS_URL", "DATE_ON_OR_BEFORE", "DATE_ON_OR_AFTER", "DATE_BETWEEN",
        "DATE_NOT_BETWEEN", "DATE_IS_VALID", "ONE_OF_RANGE", "ONE_OF_LIST", "BOOLEAN",
    },
}  # fmt: skip


def check(condition: Json, use: str, request: str) -> None:
    """Refuse a condition that a filter, a conditional format or a validation cannot have."""
    if condition and condition.get("type") not in _TAKES[use]:
        raise bad(
            f"Invalid requests[0].{request}: ConditionType {condition.get('type')} is not supported."
        )
