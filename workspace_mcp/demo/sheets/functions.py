"""Functions of formulas, and the values that they take."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.demo.sheets.conditions import chosen
from workspace_mcp.demo.sheets.display import general


class Unknown(Exception):
    """A formula that is not calculated here."""


class Wrong(Exception):
    """An error value. `kind` is Google's word, `shown` what a cell shows."""

    def __init__(self, kind: str, shown: str) -> None:
        super().__init__(shown)
        self.kind = kind
        self.shown = shown


DIVIDED: Final = ("DIVIDE_BY_ZERO", "#DIV/0!")
VALUE: Final = ("VALUE", "#VALUE!")
REFERENCE: Final = ("REF", "#REF!")
Table = list[list[Any]]


def single(value: Any) -> Any:
    """The one value of a range; an error is raised."""
    while isinstance(value, list):
        if len(value) != 1:
            raise Wrong(*VALUE)
        value = value[0]
    if isinstance(value, Unknown | Wrong):
        raise value
    return value


def number(value: Any) -> float:
    """A value as a number; raises Wrong."""
    if value == "":
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except ValueError as error:
        raise Wrong(*VALUE) from error


def text_of(value: Any) -> str:
    """A value as a text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return general(value) if isinstance(value, int | float) else str(value)


def compared(sign: str, left: Any, right: Any) -> bool:
    """Whether a comparison holds; texts are alike in either case."""
    one: Any = left.lower() if isinstance(left, str) else left
    two: Any = right.lower() if isinstance(right, str) else right
    if isinstance(one, str) != isinstance(two, str):
        one, two = (
            (0, 0)
            if "" in (one, two) and 0 in (one, two)
            else (isinstance(one, str), isinstance(two, str))
        )
    results: Mapping[str, bool] = {
        "=": one == two, "<>": one != two, "<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two,
    }  # fmt: skip
    return results[sign]


def _flat(arguments: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for one in arguments:
        found += _flat(one) if isinstance(one, list) else [one]
    for one in found:
        if isinstance(one, Unknown | Wrong):
            raise one
    return found


def _numbers(arguments: Sequence[Any]) -> list[float]:
    return [
        one
        for one in _flat(arguments)
        if isinstance(one, int | float) and not isinstance(one, bool)
    ]


def _average(arguments: Sequence[Any]) -> float:
    numbers = _numbers(arguments)
    if not numbers:
        raise Wrong(*DIVIDED)
    return sum(numbers) / len(numbers)


def _if(arguments: Sequence[Any]) -> Any:
    if not 2 <= len(arguments) <= 3:
        raise Unknown
    chosen = 1 if number(single(arguments[0])) else 2
    found = arguments[chosen] if chosen < len(arguments) else False
    return single(found)


def _round(arguments: Sequence[Any]) -> float:
    digits = int(number(single(arguments[1]))) if len(arguments) > 1 else 0
    value = number(single(arguments[0]))
    factor = 10.0**digits
    found = int(abs(value) * factor + 0.5) / factor
    return -found if value < 0 else found


def _link(arguments: Sequence[Any]) -> Any:
    return single(arguments[-1]) if arguments else ""


def _none() -> Any:
    raise Unknown


def _if_error(arguments: Sequence[Any]) -> Any:
    if not 1 <= len(arguments) <= 2:
        raise Unknown
    try:
        return single(arguments[0])
    except Wrong:
        return single(arguments[1]) if len(arguments) > 1 else ""


def _chosen(arguments: Sequence[Any]) -> list[Any]:
    """What SUMIF and its kind look at. Another range must be as large as the first."""
    if not 2 <= len(arguments) <= 3:
        raise Unknown
    first, other = _flat(arguments[:1]), _flat(arguments[2:] or arguments[:1])
    if len(first) != len(other):
        raise Unknown
    return chosen(first, single(arguments[1]), other)


FUNCTIONS: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    "SUM": lambda given: sum(_numbers(given)),
    "AVERAGE": _average,
    "COUNT": lambda given: len(_numbers(given)),
    "COUNTA": lambda given: sum(1 for one in _flat(given) if one != ""),
    "MIN": lambda given: min(_numbers(given), default=0),
    "MAX": lambda given: max(_numbers(given), default=0),
    "IF": _if,
    "IFERROR": _if_error,
    "SUMIF": lambda given: sum(_numbers(_chosen(given))),
    "COUNTIF": lambda given: len(_chosen(given[:2])),
    "AVERAGEIF": lambda given: _average(_chosen(given)),
    "ABS": lambda given: abs(number(single(given[0]))) if len(given) == 1 else _none(),
    "CONCATENATE": lambda given: "".join(text_of(one) for one in _flat(given)),
    "ROUND": _round,
    "HYPERLINK": _link,
}
