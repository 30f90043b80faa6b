"""Comments of a document, put where the text that they quote stands.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/comments/list
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Final

from workspace_mcp.formats import show
from workspace_mcp.formats.docs.model import Block, Cell, Paragraph, Run, Table
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.docs.documents import FILES

_MOST: Final = 500
"""Threads that are asked for, resolved ones too."""
_PAGE: Final = 100
_BYTES: Final = 3_000
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


async def comments_of(google: Google, identifier: str) -> tuple[list[Comment], bool]:
    """The open comments of a file, and whether there may be more of them."""
    pages = google.pages(
        FILES.item(identifier).sub("comments"), "comments", most=_MOST + 1, pageSize=_PAGE,
        fields=_FIELDS,
    )  # fmt: skip
    found = [one async for one in pages]
    every = [Comment.from_api(one) for one in found[:_MOST] if not one.get("resolved")]
    return every, len(found) > _MOST


def listed(comments: Sequence[Comment], fence: Fence, *, more: bool) -> list[str]:
    """A block of comments, and what is missing of them."""
    every = [one.text(fence) for one in comments]
    lines = every[: show.fitting(every, _BYTES)]
    parts = [fence.block("comments", "\n".join(lines))] if lines else []
    if rest := len(comments) - len(lines):
        parts.append(f"{rest} more comments on this text: the tool comments lists them.")
    if more:
        parts.append(f"It has more than {_MOST} threads: the tool comments lists the rest.")
    return parts


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
