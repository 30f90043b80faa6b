"""The HTML that the browser shows: static, without script, in light and dark."""

from collections.abc import Sequence
from html import escape
from typing import Final

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1d2329;--soft:#5b6671;--card:#fff;--back:#f3f5f7;--line:#dde2e7;--ok:#137a4b;
--some:#8a5a00;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf0;--soft:#a3adb8;--card:#1e242b;--back:#12161b;--line:#323b45;
--ok:#5fd39b;--some:#f2c26b;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);
color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;padding:24px}
main{width:100%;max-width:36rem;background:var(--card);border:1px solid var(--line);border-radius:14px;
padding:clamp(20px,5vw,32px)}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 16px}.ok{color:var(--ok)}.some{color:var(--some)}.bad{color:var(--bad)}
p{margin:0 0 12px}dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;margin:0 0 16px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{display:block;font:0.92em/1.5 ui-monospace,Menlo,Consolas,monospace;background:var(--back);
border:1px solid var(--line);border-radius:8px;padding:10px 12px;margin:0 0 16px;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.92rem}main>:last-child{margin-bottom:0}
@media (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
"""


def _page(title: str, kind: str, parts: Sequence[str]) -> str:
    """One page. `kind` is ok, some or bad; `parts` are HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f'<body><main><h1 class="{kind}">{escape(title)}</h1>{"".join(parts)}</main></body></html>'
    )


def _said(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def _facts(pairs: Sequence[tuple[str, str]]) -> str:
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(what)}</dd>" for name, what in pairs if what)
    return f"<dl>{''.join(rows)}</dl>"


def _command(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def signed_in(email: str, granted: Sequence[str], missing: Sequence[str], again: str) -> str:
    """The sign-in worked; `missing` is what was asked for and not granted, `again` asks for it."""
    facts = _facts([
        ("Account", email), ("Granted", ", ".join(granted)), ("Not granted", ", ".join(missing)),
    ])  # fmt: skip
    last = _said("Running servers use it from their next call on. You can close this tab.", "soft")
    if not missing:
        return _page("You are signed in", "ok", [facts, last])
    return _page(
        "You are signed in, with less than was asked for",
        "some",
        [facts, _said("To grant the rest, run this and tick every box:"), _command(again), last],
    )


def failed(what: str, command: str) -> str:
    """The sign-in did not work."""
    return _page(
        "The sign-in did not work",
        "bad",
        [
            *(_said(line) for line in what.split("\n")),
            _said("The terminal says more. To sign in again:", "soft"),
            _command(command),
        ],
    )


def stray(status: int) -> str:
    """For requests that are not part of this sign-in."""
    title = "Nothing here" if status == 404 else "This is not for the sign-in that is under way"
    return _page(
        title,
        "bad",
        [_said("If you were signing in, use the newest address that the terminal shows.")],
    )
