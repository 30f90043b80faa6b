"""A body written in Markdown → what a mail carries: plain text and HTML. No I/O."""

import html
import re
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt

from workspace_mcp.formats.clean import clean

_STYLES: Final = {
    "<blockquote>": '<blockquote style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">',
    "<table>": '<table style="border-collapse:collapse">',
    "<th>": '<th style="border:1px solid #ccc;padding:4px 8px;text-align:left">',
    "<td>": '<td style="border:1px solid #ccc;padding:4px 8px">',
    "<pre>": '<pre style="background:#f6f6f6;padding:8px">',
}
_BLOCK: Final = re.compile(r"<(p|h[1-6]|ul|ol|blockquote|table)(?=[ >])")


@dataclass(frozen=True, slots=True)
class Body:
    """The two forms of a mail's text."""

    text: str
    html: str


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
    return parser.enable(["table", "strikethrough"])


def body(markdown: str) -> Body:
    """Markdown as HTML, and as the plain text that it is: not wrapped, marks kept.

    HTML in it is shown as text, so nothing can be smuggled in. Blocks take the direction of their
    own first strong letter, so right-to-left scripts stand right.
    """
    plain = clean(markdown.replace("\r\n", "\n")).strip("\n")
    rendered = _parser().render(plain)
    for tag, styled in _STYLES.items():
        rendered = rendered.replace(tag, styled)
    return Body(plain, _BLOCK.sub(r'<\1 dir="auto"', rendered).strip())


def signature_html(signature: str) -> str:
    """A signature as Gmail marks it, so that mail programs can fold it; "" for none."""
    if not signature.strip():
        return ""
    return (
        '<br><div class="gmail_signature_prefix">-- </div>'
        f'<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">{signature}</div>'
    )


def signature_text(plain: str) -> str:
    """A signature below the line that separates it; "" for none."""
    return f"\n\n-- \n{plain.strip()}" if plain.strip() else ""


def escaped(text: str) -> str:
    """Plain text as HTML."""
    return html.escape(text).replace("\n", "<br>\n")
