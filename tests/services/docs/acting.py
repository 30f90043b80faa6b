"""Actions of `docs_format` for the tests, and what they look like."""

from typing import Any

from tests.conftest import Model
from tests.services.docs.written import read
from workspace_mcp.demo.docs.document import FakeDocument

TABLE = "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
TEXT = f"# One\n\nfirst words\n\nlast words\n\n{TABLE}\n\nend"


async def act(model: Model, *actions: dict[str, Any], **more: Any) -> str:
    return await model.call("docs_format", doc="1plan", actions=list(actions), **more)


BORDER = {"color": {"color": {"rgbColor": {"red": 0.8, "green": 0.8, "blue": 0.8}}}}
PT = {"unit": "PT"}


def table_of(doc: FakeDocument) -> dict[str, Any]:
    content = read(doc).tabs[0].raw["body"]["content"]
    return next(one["table"] for one in content if "table" in one)
