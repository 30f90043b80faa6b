"""What a model sees of each tool is what the code says, and stays small."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from workspace_mcp import discover, listing, registry
from workspace_mcp.arguments import Arguments
from workspace_mcp.injected import INJECTED
from workspace_mcp.scopes import SERVICES
from workspace_mcp.settings import LADDERS, Settings
from workspace_mcp.tools import Effect

README = Path(__file__).parent.parent / "README.md"
FILE = Path(registry.__file__).with_name("catalogue.json")
TOOLS = tuple(discover.tools())
NAMES = [tool.name for _, _, tool in TOOLS]


def size_of(settings: Settings) -> int:
    """Bytes of a `tools/list` answer's tools, as compact JSON."""
    offered = registry.Registry(settings).offered()
    return len(
        json.dumps(
            {"tools": [e.listing for e in offered]}, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )


def test_the_catalogue_is_what_the_code_says(pytestconfig: pytest.Config) -> None:
    expected = json.dumps(discover.catalogue(), indent=1, ensure_ascii=False) + "\n"
    if pytestconfig.getoption("--update-catalogue"):
        FILE.write_text(expected, "utf-8")

    assert FILE.read_text("utf-8") == expected, "run: python -m pytest --update-catalogue"


def test_the_readme_lists_every_tool(pytestconfig: pytest.Config) -> None:
    text = README.read_text("utf-8")
    table = f"<!-- tools -->\n{listing.markdown(Settings())}\n<!-- /tools -->"
    expected = re.sub(r"<!-- tools -->.*<!-- /tools -->", lambda _: table, text, flags=re.DOTALL)
    if pytestconfig.getoption("--update-catalogue"):
        README.write_text(expected, "utf-8")

    assert README.read_text("utf-8") == expected, "run: python -m pytest --update-catalogue"


def test_gmail_alone_costs_a_model_at_most_7500_bytes() -> None:
    journal = frozenset({"workspace_history", "workspace_undo"})
    assert size_of(Settings(services=("gmail",), disabled=journal)) <= 7_500
    assert size_of(Settings(services=("gmail",))) <= 8_300


def test_read_only_offers_only_tools_that_read() -> None:
    offered = registry.Registry(Settings(read_only=True, tier=3)).offered()

    assert offered
    assert {entry.effect for entry in offered} == {"R"}


def test_every_rung_is_one_of_its_service() -> None:
    for entry in registry.catalogue():
        if entry.service in LADDERS:
            assert entry.level in LADDERS[entry.service]
        else:
            assert entry.service in {registry.ALWAYS, *SERVICES}
            assert entry.level


@pytest.mark.parametrize(("service", "module", "tool"), TOOLS, ids=NAMES)
def test_names_and_texts_fit_every_client(service: str, module: str, tool: Any) -> None:
    listed = discover.listing(tool)

    assert len(tool.name) <= 20
    assert module.split(".")[2] == service
    assert len(listed["description"]) <= 1_000
    assert listed["title"][0].isupper()
    assert len(json.dumps(listed)) < 2_000


def kinds(schema: dict[str, Any]) -> list[str]:
    return [
        key
        for key in ("anyOf", "oneOf", "allOf", "$ref", "$defs", "const")
        if key in json.dumps(schema)
    ]


@pytest.mark.parametrize(("service", "module", "tool"), TOOLS, ids=NAMES)
def test_schemas_are_flat(service: str, module: str, tool: Any) -> None:
    schema = Arguments(tool.function, INJECTED, changes=tool.effect is not Effect.READS).schema

    assert kinds(schema) == []
    assert schema["additionalProperties"] is False
    for name, value in schema["properties"].items():
        assert value["type"] in {"string", "integer", "boolean", "array", "object"}, name
        assert value["type"] != "array" or value["items"]["type"]
        assert name != "account", "the registry adds it"
