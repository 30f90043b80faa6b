"""Signatures: an alias's own, once, below what was written and above what is quoted. No I/O."""

from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.formats.markdown_mail import Body, signature_html, signature_text


def signed(body: Body, signature: str) -> Body:
    """`body` with `signature` (HTML) below it, unless it ends with the same words already."""
    plain = html_text(signature).text.strip() if signature else ""
    empty = not plain and "<img" not in signature.lower()
    if empty or (plain and clean_line(body.text).endswith(clean_line(plain))):
        return body
    return Body(body.text + signature_text(plain), body.html + signature_html(signature))


def carries_signature(html: str) -> bool:
    """Whether a message's HTML has a signature that Gmail or we put there."""
    return "gmail_signature" in html
