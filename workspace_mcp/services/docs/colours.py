"""The colours of text, told behind it as `[color #rrggbb]`. No I/O."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from workspace_mcp.formats.docs.model import Block, Cell, Paragraph, Run, Table


def coloured(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with a mark behind each piece of text that sets a colour; links and black have none."""
    return [_block(one) for one in blocks]


def _block(block: Block) -> Block:
    if isinstance(block, Table):
        rows = tuple(
            tuple(
                Cell(cell.start, cell.end, tuple(coloured(cell.blocks)), cell.hidden)
                for cell in row
            )
            for row in block.rows
        )
        return Table(block.start, block.end, rows)
    if not isinstance(block, Paragraph):
        return block
    runs: list[Run] = []
    for colour, group in groupby(block.runs, key=_colour):
        found = list(group)
        if not colour or not any(one.text.strip() for one in found):
            runs += found
            continue
        last = found[-1]
        bare = last.text.removesuffix("\n")
        runs += [*found[:-1], replace(last, text=bare)]
        runs.append(Run(0, 0, "", kind="comment", value={"text": f"[color {colour}]"}))
        if bare != last.text:
            runs.append(replace(last, text="\n"))
    return replace(block, runs=tuple(runs))


def _colour(run: Run) -> str:
    style: dict[str, Any] = dict(run.style)
    rgb = style.get("foregroundColor", {}).get("color", {}).get("rgbColor")
    if not rgb or style.get("link") or run.kind:
        return ""
    parts = [round(rgb.get(name, 0) * 255) for name in ("red", "green", "blue")]
    return f"#{parts[0]:02x}{parts[1]:02x}{parts[2]:02x}" if any(parts) else ""
