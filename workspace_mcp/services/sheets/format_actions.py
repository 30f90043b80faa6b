"""What `sheets_format` is asked: its actions, and the fields that each takes."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Do = Literal[
    "style", "number", "borders", "merge", "unmerge", "conditional", "unconditional", "validate",
    "unvalidate", "freeze", "size", "hide", "unhide", "group", "ungroup", "note", "link", "chip",
    "banding", "clear",
]  # fmt: skip


class Action(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(extra="forbid")

    do: Do
    range: Annotated[str, Field(description="Lines (2:5, B:C) to freeze, size, hide, group.")]
    css: Annotated[
        str | None,
        Field(description="font-weight:bold; color:#f00; background:#eee; text-align:right"),
    ] = None
    value: Annotated[
        str | None,
        Field(
            description="#,##0.00; choices a,b; condition > 5; pixels, auto; note, URL; outer, top."
        ),
    ] = None
    kind: Annotated[
        str | None,
        Field(
            description="percent, date …; rows; dashed; list, checkbox; gradient (min #fff; max #f00)."
        ),
    ] = None
    index: Annotated[int | None, Field(description="Rule's number.")] = None
    strict: bool = False


TAKES: Final[Mapping[str, set[str]]] = {
    "style": {"range", "css"},
    "number": {"range", "kind", "value"},
    "borders": {"range", "value", "kind", "css"},
    "merge": {"range", "kind"},
    "unmerge": {"range"},
    "conditional": {"range", "value", "css", "kind", "index"},
    "unconditional": {"range", "index"},
    "validate": {"range", "kind", "value", "strict"},
    "unvalidate": {"range"},
    "freeze": {"range"},
    "size": {"range", "value"},
    "hide": {"range"},
    "unhide": {"range"},
    "group": {"range"},
    "ungroup": {"range"},
    "note": {"range", "value"},
    "link": {"range", "value"},
    "chip": {"range", "value"},
    "banding": {"range", "css"},
    "clear": {"range"},
}
