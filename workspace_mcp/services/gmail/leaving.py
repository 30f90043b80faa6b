"""How a mailing list says that it can be left. No I/O.

Source: rfc-editor.org/rfc/rfc2369 (List-Unsubscribe), rfc8058 (one-click), rfc6068 (mailto)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean, clean_line
from workspace_mcp.one_click import link

ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"
)
_LONGEST_SUBJECT: Final = 400
_LONGEST_BODY: Final = 2_000
_ONE_CLICK: Final = "list-unsubscribe=one-click"


@dataclass(frozen=True, slots=True)
class Letter:
    """The mail that leaves a list."""

    to: str
    subject: str
    body: str

    @classmethod
    def from_mailto(cls, url: str) -> Self | None:
        """Read a `mailto:` address; None unless it names exactly one plain address.

        Only subject and body are taken: other headers are not for a list to choose.
        """
        parts = urlsplit(url)
        to = unquote(parts.path).strip()
        if parts.scheme.lower() != "mailto" or not ADDRESS.fullmatch(to):
            return None
        try:
            fields = parse_qs(parts.query, max_num_fields=20)
        except ValueError:
            return None
        fields = {name.lower(): values[0] for name, values in fields.items()}
        subject = clean_line(fields.get("subject", ""))[:_LONGEST_SUBJECT]
        body = clean(fields.get("body", ""))[:_LONGEST_BODY]
        return cls(to, subject or "unsubscribe", body or "unsubscribe")


@dataclass(frozen=True, slots=True)
class WayOut:
    """The ways in which a mail says that its list can be left."""

    one_click: str = ""
    """The HTTPS address that takes one POST; "" when the list does not promise that."""
    host: str = ""
    """Host of the one-click address."""
    letter: Letter | None = None
    web: str = ""
    """Host of a page that a person would have to use."""
    signed: bool = False
    """Whether a DKIM signature that Google found good covers these headers."""

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self | None:
        """Read a message's headers (lower-case name → value); None when they offer nothing."""
        urls = re.findall(r"<\s*([^<>\s]+)\s*>", headers.get("list-unsubscribe", ""))
        promised = headers.get("list-unsubscribe-post", "").strip().lower() == _ONE_CLICK
        one_click, host, web, letter = "", "", "", None
        for url in urls:
            if url.lower().startswith("mailto:"):
                letter = letter or Letter.from_mailto(url)
            elif promised and not one_click and (found := _one_click_host(url)):
                one_click, host = url, found
            elif not web:
                web = _host(url)
        if not (one_click or letter or web):
            return None
        return cls(one_click, host, letter, web, signed=_signed(headers))

    def text(self) -> str:
        """Like `one click at lists.example`; the best way first."""
        if self.one_click:
            return f"one click at {self.host}" + ("" if self.signed else ", not signed")
        if self.letter:
            return f"by mail to {self.letter.to}"
        return f"only by hand, on a page of {self.web}"


def _one_click_host(url: str) -> str:
    try:
        return link(url).host
    except ArgumentError:
        return ""


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    plain = parts.scheme in {"http", "https"} and re.fullmatch(r"[A-Za-z0-9.-]{1,253}", host)
    return host if plain else ""


def _signed(headers: Mapping[str, str]) -> bool:
    """Whether Google found a good signature, and the topmost one covers both headers."""
    results = headers.get("authentication-results", "")
    found = re.search(r"(?:^|;)\s*h\s*=([^;]*)", headers.get("dkim-signature", ""))
    covered = {name.strip().lower() for name in found[1].split(":")} if found else set[str]()
    return (
        results.lstrip().startswith("mx.google.com;")
        and re.search(r";\s*dkim=pass\b", results) is not None
        and {"list-unsubscribe", "list-unsubscribe-post"} <= covered
    )
