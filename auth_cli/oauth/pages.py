"""The HTML that the browser shows: static, without script, in light and dark."""

from collections.abc import Sequence
from html import escape
from typing import Final

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1d2329;--soft:#5b6671;--card:#fff;--back:#f3f5f7;--line:#dde2e7;--ok:#137a4b;
--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf0;--soft:#a3adb8;--card:#1e242b;--back:#12161b;--line:#323b45;
--ok:#5fd39b;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);
color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;padding:24px}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:32px}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 12px}.ok{color:var(--ok)}.bad{color:var(--bad)}
p{margin:0 0 12px}ul{margin:0 0 12px;padding-left:1.2em}code{font:0.92em ui-monospace,Menlo,Consolas,monospace;
background:var(--back);border:1px solid var(--line);border-radius:6px;padding:2px 6px;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.92rem;margin-bottom:0}
"""


def page(
    title: str, paragraphs: Sequence[str], *, good: bool, items: Sequence[str] = (), code: str = ""
) -> str:
    """One page. Everything given is shown as text."""
    parts = [f"<p>{escape(text)}</p>" for text in paragraphs]
    if items:
        parts.append("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>")
    if code:
        parts.append(f"<p><code>{escape(code)}</code></p>")
    kind = "ok" if good else "bad"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f'<body><main><h1 class="{kind}">{escape(title)}</h1>{"".join(parts)}</main></body></html>'
    )


def signed_in(email: str, granted: Sequence[str], missing: Sequence[str], again: str) -> str:
    """The sign-in worked; `missing` are the services whose boxes were not ticked."""
    paragraphs = [
        f"Signed in as {email}.",
        "Running servers use it from their next call on. You can close this tab.",
    ]
    if not missing:
        return page("You are signed in", paragraphs, good=True, items=granted)
    paragraphs.append(
        "Some permissions were not granted. Their tools will ask for them; to grant them now, run:"
    )
    return page(
        "You are signed in, with less than was asked for",
        paragraphs,
        good=True,
        items=missing,
        code=again,
    )


def failed(what: str, command: str) -> str:
    """The sign-in did not work."""
    return page(
        "The sign-in did not work",
        [*what.split("\n"), "Go back to the terminal, or run:"],
        good=False,
        code=command,
    )


def stray(status: int) -> str:
    """For requests that are not part of this sign-in."""
    title = "Nothing here" if status == 404 else "This is not for the sign-in that is under way"
    return page(
        title,
        ["If you were signing in, use the newest address that the terminal shows."],
        good=False,
    )
