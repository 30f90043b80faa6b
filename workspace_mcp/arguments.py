"""A tool's signature → its JSON schema and its argument check.

What clients really send is taken: lists and objects as JSON strings, a lone string for a list,
camelCase names, "null". What is unknown is named in the error.
"""

import inspect
import json
import re
from collections.abc import Mapping
from functools import cached_property
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from workspace_mcp.errors import ArgumentError
from workspace_mcp.tools import JsonObject, ToolFunction

DRY_RUN: Final = "dry_run"
_LONGEST_NAMES: Final = 12


def snake(name: str) -> str:
    """`replyTo` → `reply_to`; other names as they are."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), name)


class Arguments:
    """What the model may give to `function`; parameters of the types `injected` are not its own.

    A tool that `changes` things and has no `dry_run` gets one: it is for the frame then, `rehearses`.
    A parameter's trailing underscore is Python's need alone: `from_` is `from` for the model.
    """

    def __init__(
        self, function: ToolFunction, injected: tuple[type, ...], *, changes: bool = False
    ) -> None:
        hints = get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters.values()
        self._name = function.__name__
        self.injected: dict[str, type] = {
            p.name: hints[p.name] for p in parameters if hints[p.name] in injected
        }
        fields: dict[str, Any] = {
            p.name.rstrip("_"): (hints[p.name], ... if p.default is p.empty else p.default)
            for p in parameters
            if p.name not in self.injected
        }
        self._python = {
            p.name.rstrip("_"): p.name for p in parameters if p.name not in self.injected
        }
        self.rehearses = changes and DRY_RUN not in fields
        if self.rehearses:
            fields[DRY_RUN] = (bool, False)
            self._python[DRY_RUN] = DRY_RUN
        self._model: type[BaseModel] = create_model(
            self._name,
            __config__=ConfigDict(
                extra="forbid", protected_namespaces=(), coerce_numbers_to_str=True
            ),
            **fields,
        )

    @cached_property
    def schema(self) -> JsonObject:
        """JSON Schema of the arguments: flat, without titles and nulls."""
        full = self._model.model_json_schema()
        kinds = full.get("$defs", {})
        properties = {
            name: _flat(_inlined(dict(value), kinds))
            for name, value in full.get("properties", {}).items()
        }
        schema: JsonObject = {"type": "object", "properties": properties}
        if "required" in full:
            schema["required"] = full["required"]
        schema["additionalProperties"] = False
        return schema

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Checked keyword arguments for the function.

        Raises:
            ArgumentError: unknown names, missing or unusable values; the text names each.
        """
        renamed = self._renamed(given)
        unknown = [name for name in renamed if name not in self._python]
        if unknown:
            raise ArgumentError(
                f"{self._name} has no argument {', '.join(sorted(map(_short, unknown)))}.",
                f"It takes: {', '.join(self._python) or 'none'}.",
            )
        fields = self._model.model_fields
        values = {name: _lenient(value, fields[name]) for name, value in renamed.items()}
        try:
            checked = self._model.model_validate(values)
        except ValidationError as error:
            said = _complaints(error, self.schema)
            raise ArgumentError(f"{self._name} was called wrongly:\n{said}") from None
        return {self._python[name]: getattr(checked, name) for name in fields}

    def _renamed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            (snake(name) if name not in self._python else name): value
            for name, value in given.items()
        }


def _inlined(schema: JsonObject, kinds: JsonObject) -> JsonObject:
    """A parameter whose items are a class of their own, with that class's fields in place."""
    for one in (schema, *schema.get("anyOf", ())):
        items = one.get("items", {})
        if "$ref" in items:
            kind = kinds[items["$ref"].rpartition("/")[2]]
            fields = {name: _flat(dict(value)) for name, value in kind["properties"].items()}
            one["items"] = {
                "type": "object",
                "properties": fields,
                **({"required": kind["required"]} if "required" in kind else {}),
                "additionalProperties": False,
            }
    return schema


def _flat(schema: JsonObject) -> JsonObject:
    """One property without pydantic's titles, nulls and null defaults."""
    schema.pop("title", None)
    if "anyOf" in schema:
        kinds = [kind for kind in schema.pop("anyOf") if kind.get("type") != "null"]
        if len(kinds) != 1:
            raise TypeError(f"a tool's parameter has one type: {kinds}")
        schema = {**kinds[0], **schema}
    if schema.get("default", ...) in (None, False, []):  # what leaving it away means to anyone
        del schema["default"]
    if isinstance(schema.get("items"), dict) and "properties" not in schema["items"]:
        schema["items"] = _flat(dict(schema["items"]))
    return schema


def _lenient(value: Any, field: FieldInfo) -> Any:
    """`value` as the field can take it, where a client wrote it as a string."""
    if not isinstance(value, str):
        return value
    union = get_origin(field.annotation) in {Union, UnionType}
    members = get_args(field.annotation) if union else (field.annotation,)
    kinds = {get_origin(kind) or kind for kind in members}
    if not field.is_required() and value.strip() in {"null", "None"}:
        return field.default
    if str in kinds or not kinds & {list, dict}:
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value
    if list in kinds and not isinstance(parsed, list):
        return [value] if value.strip() else []
    return parsed


def _short(name: str) -> str:
    return re.sub(r"[^ -~]", "?", name)[:60]


def _complaints(error: ValidationError, schema: JsonObject) -> str:
    lines = [
        f"{'.'.join(_short(str(part)) for part in found['loc'])}: {_said(found, schema)}"
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    more = len(lines) - _LONGEST_NAMES
    return "\n".join(lines[:_LONGEST_NAMES] + ([f"… and {more} more"] if more > 0 else []))


def _said(found: ErrorDetails, schema: JsonObject) -> str:
    """What is wrong at a place, and what may stand there."""
    place = found["loc"]
    match found["type"]:
        case "missing":
            choices = _at(schema, place).get("enum")
            return f"field required, one of {', '.join(choices)}" if choices else "field required"
        case "extra_forbidden":
            known = _at(schema, place[:-1]).get("properties", {})
            return f"not known; known are {', '.join(known)}" if known else "not known"
        case _:
            return f"{found['msg'][:1].lower()}{found['msg'][1:]}"


def _at(schema: JsonObject, place: tuple[int | str, ...]) -> JsonObject:
    """The schema of a place of the arguments."""
    for part in place:
        inside = "items" if isinstance(part, int) else "properties"
        schema = schema.get(inside, {})
        schema = schema if isinstance(part, int) else schema.get(part, {})
    return schema
