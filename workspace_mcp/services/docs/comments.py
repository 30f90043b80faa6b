"""Comments of a document, put where the text that they quote stands.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/comments/list
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Final

from workspace_mcp.formats.docs.model import Block, Cell, Paragraph, Run, Table
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.docs.documents import FILES

_MOST: Final = 100
_FIELDS: Final = (
    "nextPageToken,comments(id,content,resolved,author/displayName,quotedFileContent/value,"
    "replies(content,author/displayName,action))"
)


@dataclass(frozen=True, slots=True)
class Comment:
    """An open comment: who said what to which text, and the answers."""

    id: str
    author: str
    said: str
    quote: str
    replies: tuple[tuple[str, str], ...]
    placed: bool = False

    @classmethod
    def from_api(cls, found: Mapping[str, Any]) -> "Comment":
        """Read a `Comment` of the Drive API. The quoted text is HTML-escaped there."""
        return cls(
            found["id"],
            found.get("author", {}).get("displayName", ""),
            found.get("content", ""),
            unescape(found.get("quotedFileContent", {}).get("value", "")),
            tuple(
                (one.get("author", {}).get("displayName", ""), one["content"])
                for one in found.get("replies", ())
                if one.get("content")
            ),
        )

    def text(self, fence: Fence) -> str:
        """A line, a line for each answer; the quote only where no mark shows the place."""
        quote = "" if self.placed or not self.quote else f' on "{fence.line(self.quote, 80)}"'
        lines = [f"[{self.id}] {fence.line(self.author, 60)}{quote}: {fence.line(self.said, 500)}"]
        lines += [f"  {fence.line(who, 60)}: {fence.line(said, 300)}" for who, said in self.replies]
        return "\n".join(lines)


async def comments_of(google: Google, identifier: str) -> list[Comment]:
    """The open comments of a file."""
    found = google.pages(
        FILES.item(identifier).sub("comments"), "comments", most=_MOST, pageSize=_MOST,
        fields=_FIELDS,
    )  # fmt: skip
    return [Comment.from_api(one) async for one in found if not one.get("resolved")]


def annotated(
    blocks: Sequence[Block], comments: Sequence[Comment]
) -> tuple[Sequence[Block], list[Comment]]:
    """Blocks with a mark `[comment ID]` behind each quoted text; the comments, and which have one."""
    told: list[Comment] = []
    for one in comments:
        marked = _marked(blocks, one) if one.quote.strip() else None
        told.append(replace(one, placed=marked is not None))
        blocks = marked or blocks
    return blocks, told


def _marked(blocks: Sequence[Block], comment: Comment) -> list[Block] | None:
    """Blocks with the comment's mark, or None when its quote is not there."""
    found = list(blocks)
    for number, block in enumerate(found):
        changed = _in_table(block, comment) if isinstance(block, Table) else _in(block, comment)
        if changed is not None:
            found[number] = changed
            return found
    return None


def _in_table(table: Table, comment: Comment) -> Table | None:
    rows = [list(row) for row in table.rows]
    for row in rows:
        for number, cell in enumerate(row):
            inner = _marked(cell.blocks, comment)
            if inner is not None:
                row[number] = Cell(cell.start, cell.end, tuple(inner), cell.hidden)
                return Table(table.start, table.end, tuple(map(tuple, rows)))
    return None


def _in(block: Block, comment: Comment) -> Paragraph | None:
    if not isinstance(block, Paragraph):
        return None
    quote = comment.quote.strip().split("\n")[0]
    text = "".join(run.text for run in block.runs)
    at = text.find(quote)
    if at < 0:
        return None
    end = at + len(quote)
    runs: list[Run] = []
    done = False
    mark = Run(0, 0, "", kind="comment", value={"text": f"[comment {comment.id}]"})
    for run in block.runs:
        size = len(run.text)
        if not done and end <= size:
            done = True
            runs += [replace(run, text=run.text[:end]), mark, replace(run, text=run.text[end:])]
        else:
            runs.append(run)
        end -= size
    return replace(block, runs=tuple(runs))
