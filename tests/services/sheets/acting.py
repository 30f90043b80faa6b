"""Actions of `sheets_structure` for the tests."""

from typing import Any

from tests.conftest import Model

Do = dict[str, Any]


async def act(model: Model, *actions: Do, **more: Any) -> str:
    return await model.call("sheets_structure", sheet="1b", actions=list(actions), **more)
