"""Headers and footers → requests. No I/O."""

from collections.abc import Mapping
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.docs.blocks import parsed, pictures
from workspace_mcp.formats.docs.model import Paragraph, Segment, Tab
from workspace_mcp.formats.docs.requests import Request, Where
from workspace_mcp.formats.docs.writing import written
from workspace_mcp.services.docs.plan import Later, Step

_FULL: Final = 1 << 40


_PAGES: Final = {"default": "default", "first": "firstPage", "even": "evenPage"}


def edge_step(tab: Tab, kind: str, value: str, pages: str) -> Step:
    """The text of a header or footer, made when there is none; "" takes it away."""
    if pages not in _PAGES:
        raise ArgumentError(f"kind of a {kind}: {', '.join(_PAGES)}.")
    title = kind.title()
    own = tab.raw.get("documentStyle", {}).get(f"{_PAGES[pages]}{title}Id")
    old = next((one for one in tab.of_kind(kind) if one.id == own), None)
    if old is None and pages != "default":
        raise NotFoundError(
            f"There is no {kind} for {pages} pages, and the API makes none.",
            f"In Docs: Insert > Headers & footers > Options. Or leave kind away: the {kind} of all pages.",
        )
    if old is not None:
        if not value:
            gone = {f"{kind}Id": old.id, "tabId": tab.id}
            return Step(f"no {kind}", [{f"delete{title}": gone}])
        return Step(kind, _rewritten(tab, old, value), (f"{tab.id}/{old.id}", 0, _FULL))
    if not value:
        raise NotFoundError(f"There is no {kind}.")
    create = {"type": "DEFAULT", "sectionBreakLocation": {"index": 0, "tabId": tab.id}}

    source = parsed(value)

    def fill(reply: Mapping[str, Any]) -> list[Request]:
        where = Where(tab.id, reply[f"create{title}"][f"{kind}Id"])
        return written(where, 0, "fill", source.pieces, source.notes).requests

    return Step(
        kind, [{f"create{title}": create}], None, (Later(0, fill, tuple(pictures(source))),)
    )


def _rewritten(tab: Tab, segment: Segment, value: str) -> list[Request]:
    where = Where(tab.id, segment.id)
    source = parsed(value)
    requests: list[Request] = []
    if segment.end > 1:
        requests.append({"deleteContentRange": {"range": where.range(0, segment.end - 1)}})
    bulleted = any(isinstance(one, Paragraph) and one.bullet for one in segment.blocks)
    writer = written(where, 0, "fill", source.pieces, source.notes, bulleted=bulleted)
    return requests + writer.requests
