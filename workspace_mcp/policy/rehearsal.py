"""A dry run by the frame: the call goes its way, and ends where its first change would leave.

Tools that know more say it themselves, by an argument `dry_run` of their own.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from contextvars import ContextVar
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any, Final

from workspace_mcp.policy.effects import Wire

LONGEST: Final = 4000
"""Characters of a change that are shown."""
_TEXT: Final = 1500
_HEADERS: Final = ("From", "To", "Cc", "Bcc", "Subject")

REHEARSAL: Final[ContextVar[bool]] = ContextVar("REHEARSAL", default=False)
"""Whether the call that runs may change nothing."""
FORESIGHT: Final[ContextVar[bool]] = ContextVar("FORESIGHT", default=False)
"""Whether the call that runs is only followed to its first change: a tool said itself what it would do."""


class Rehearsed(Exception):
    """A call came to its first change. `shown`: what that is, with words of whoever wrote them.

    `lost`: what of it could not be taken back, in our words; "" for nothing.
    """

    def __init__(self, title: str, shown: str, lost: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.shown = shown
        self.lost = lost


def stop(title: str, shown: str, lost: str = "") -> None:
    """Nothing, unless this is a rehearsal.

    Raises:
        Rehearsed: it is one.
    """
    if REHEARSAL.get():
        more = len(shown) - LONGEST
        cut = f"{shown[:LONGEST]}…\n({more} characters more)" if more > 0 else shown
        raise Rehearsed(title, cut, lost)


def described(wire: Wire) -> str:
    """A request for a reader: where to, and its body as text; mail as it would be read."""
    lines = [f"{wire.method} {wire.host}{wire.path}"]
    body = wire.json()
    if body:
        lines += _lines(body, "")
    return "\n".join(lines)


def _lines(value: Mapping[str, Any], indent: str) -> list[str]:
    found: list[str] = []
    for name, one in value.items():
        if isinstance(one, dict) and one:
            found += [f"{indent}{name}:", *_lines(one, indent + "  ")]
        elif name == "raw" and isinstance(one, str) and (mail := _mail(one)):
            found += mail
        else:
            text = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
            found.append(f"{indent}{name}: {_cut(text)}")
    return found


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}… ({len(text)} characters)"


def _mail(raw: str) -> list[str]:
    try:
        data = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return []
    parsed = BytesParser(EmailMessage, policy=default).parsebytes(data)
    lines = [f"{name}: {parsed[name]}" for name in _HEADERS if name in parsed]
    text = parsed.get_body(("plain", "html"))
    files = [part.get_filename() or "unnamed" for part in parsed.iter_attachments()]
    lines += [f"Attached: {', '.join(files)}"] if files else []
    return [*lines, "", _cut(str(text.get_content())) if text is not None else "(no text)"]
