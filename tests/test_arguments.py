"""Arguments as clients really send them, and schemas that every client takes."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from workspace_mcp.arguments import Arguments, snake
from workspace_mcp.errors import ArgumentError
from workspace_mcp.tools import Clock, Done


class Step(BaseModel):
    """An item with a choice of its own."""

    model_config = ConfigDict(extra="forbid")
    way: Literal["left", "right"]


async def sample(
    clock: Clock,
    query: Annotated[str, Field(description="Words.")],
    to: Annotated[list[str] | None, Field(description="Addresses.")] = None,
    max: Annotated[int, Field(description="1-50.", ge=1, le=50)] = 20,
    by: Annotated[Literal["thread", "message"], Field(description="Unit.")] = "thread",
    reply_all: bool = False,
    from_: str | None = None,
    values: Annotated[dict[str, Any] | None, Field(description="Fields.")] = None,
    ids: Annotated[list[str], Field(description="Ids.")] = [],  # noqa: B006 - never changed
) -> Done:
    """Do nothing."""
    return Done(f"{clock.now()} {query} {to} {max} {by} {reply_all} {from_} {values} {ids}")


ARGUMENTS = Arguments(sample, (Clock,))


def test_the_schema_is_flat_and_hides_what_is_injected() -> None:
    assert ARGUMENTS.schema == {
        "type": "object",
        "properties": {
            "query": {"description": "Words.", "type": "string"},
            "to": {"type": "array", "items": {"type": "string"}, "description": "Addresses."},
            "max": {
                "default": 20, "description": "1-50.", "maximum": 50, "minimum": 1,
                "type": "integer",
            },
            "by": {
                "default": "thread", "description": "Unit.", "enum": ["thread", "message"],
                "type": "string",
            },
            "reply_all": {"type": "boolean"},
            "from": {"type": "string"},
            "values": {"type": "object", "additionalProperties": True, "description": "Fields."},
            "ids": {"description": "Ids.", "items": {"type": "string"}, "type": "array"},
        },
        "required": ["query"],
        "additionalProperties": False,
    }  # fmt: skip
    assert ARGUMENTS.injected == {"clock": Clock}


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        pytest.param({"to": '["a@b.c"]'}, "to", ["a@b.c"], id="a list as a JSON string"),
        pytest.param({"to": "a@b.c"}, "to", ["a@b.c"], id="one string for a list"),
        pytest.param({"ids": "m1"}, "ids", ["m1"], id="one string for a list that is needed"),
        pytest.param({"to": ""}, "to", [], id="an empty string for a list"),
        pytest.param({"to": "null"}, "to", None, id="null as a string"),
        pytest.param({"to": None}, "to", None, id="null"),
        pytest.param({"query": 42}, "query", "42", id="a number for a text"),
        pytest.param({"max": "5"}, "max", 5, id="a number as a string"),
        pytest.param({"replyAll": True}, "reply_all", True, id="camelCase"),
        pytest.param({"reply_all": "true"}, "reply_all", True, id="true as a string"),
        pytest.param({"from": "x"}, "from_", "x", id="a name that Python keeps for itself"),
        pytest.param({"values": '{"a": 1}'}, "values", {"a": 1}, id="an object as a JSON string"),
    ],
)
def test_what_clients_really_send_is_taken(given: dict[str, Any], name: str, value: Any) -> None:
    assert ARGUMENTS.read({"query": "x", **given})[name] == value


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"query": "x", "subjct": 1}, "sample has no argument subjct.\nIt takes: query, to, max,"),
        ({"query": "x", "from_": "y"}, "sample has no argument from_."),
        ({}, "sample was called wrongly:\nquery: field required"),
        ({"query": "x", "max": 99}, "max: input should be less than or equal to 50"),
        ({"query": "x", "by": "day"}, "by: input should be 'thread' or 'message'"),
        ({"query": ["x"]}, "query: input should be a valid string"),
        ({"query": "x", "to": [{"a": "secret"}]}, "to.0: input should be a valid string"),
    ],
)
def test_wrong_arguments_are_named_and_their_values_are_not(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ArgumentError) as failure:
        ARGUMENTS.read(given)

    assert says in str(failure.value)
    assert "secret" not in str(failure.value)
    assert "pydantic" not in str(failure.value)


def test_what_is_missing_or_not_known_is_answered_with_what_there_is() -> None:
    async def acts(do: Literal["add", "drop"], steps: list[Step]) -> Done:
        """Do nothing."""
        return Done(f"{do} {steps}")

    with pytest.raises(ArgumentError) as failure:
        Arguments(acts, ()).read({"steps": [{}, {"way": "up"}, {"way": "left", "how": "x"}]})

    assert str(failure.value).splitlines() == [
        "acts was called wrongly:",
        "do: field required, one of add, drop",
        "steps.0.way: field required, one of left, right",
        "steps.1.way: input should be 'left' or 'right'",
        "steps.2.how: not known; known are way",
    ]


def test_the_query_null_stays_a_word() -> None:
    assert ARGUMENTS.read({"query": "null"})["query"] == "null"


@pytest.mark.parametrize(("name", "ours"), [("replyTo", "reply_to"), ("as", "as"), ("URL", "URL")])
def test_camel_case_becomes_snake_case(name: str, ours: str) -> None:
    assert snake(name) == ours
