"""Who a mail is from, and what speaks against it.

Source: rfc-editor.org/rfc/rfc5322 (addresses), rfc8601 (Authentication-Results)
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Final

from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import NOBODY, SHARED, Familiar

_GOOGLE: Final = "mx.google.com"
_ADDRESS: Final = re.compile(r"[^\s<>@\"(),:;]+@[^\s<>@\"(),:;]+")
_LONGEST_HEADER: Final = 100_000
_LONGEST_RESULTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Person:
    """One address of a header; `name` is what it calls itself, "" when nothing."""

    name: str
    address: str

    def text(self, fence: Fence, name_limit: int = 80) -> str:
        """Like `Ana Silva <ana@example.com>`; the address is always there, and stands last."""
        address = fence.line(_unbracketed(self.address), 120)
        name = fence.line(_unbracketed(self.name), name_limit)
        return f"{name} <{address}>" if name and name != address else f"<{address}>"


def _unbracketed(text: str) -> str:
    return text.replace("<", "(").replace(">", ")")


def quoted(line: str) -> str:
    """`line` in quotes that nothing in it can close."""
    return '"' + line.replace('"', "'") + '"'


def decoded(text: str) -> str:
    """`text` with RFC 2047 words (`=?utf-8?q?…?=`) read; as it is when they are broken."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, MessageError):
        return text


def people(header: str) -> tuple[Person, ...]:
    """Everybody in an address header, in order; groups are opened, comments dropped."""
    parts = map(_person, _split(header[:_LONGEST_HEADER]))
    return tuple(person for person in parts if person is not None)


def _split(header: str) -> Iterator[str]:
    """The parts between commas and semicolons that no quote, comment or bracket holds."""
    part: list[str] = []
    quoted, depth, angle = False, 0, False
    skip = False
    for char in header:
        if skip:
            skip = False
        elif char == "\\" and (quoted or depth):
            skip = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char == "(":
            depth += 1
        elif not quoted and depth and char == ")":
            depth -= 1
            continue
        elif not quoted and not depth and char in "<>":
            angle = char == "<"
        elif not (quoted or depth or angle) and char in ",;":
            yield "".join(part)
            part = []
            continue
        elif not (quoted or depth or angle) and char == ":":
            part = []  # the name of a group
            continue
        if not depth:
            part.append(char)
    yield "".join(part)


def _person(part: str) -> Person | None:
    text = clean_line(part)
    name, bracket, rest = text.rpartition("<")
    if bracket:
        return Person(_unquoted(name), rest.partition(">")[0].strip())
    return Person("", text) if text else None


def _unquoted(name: str) -> str:
    return clean_line(decoded(re.sub(r"\\(.)", r"\1", name.strip().strip('"'))))


def domain(address: str) -> str:
    """`example.com` of `ana@example.com`, in lower case."""
    return address.rpartition("@")[2].lower().rstrip(".")


def _aligned(one: str, other: str) -> bool:
    """Whether two domains belong together: equal, or one below the other."""
    return bool(one and other) and (
        one == other or one.endswith("." + other) or other.endswith("." + one)
    )


def authenticated(results: str, sender: str) -> bool:
    """Whether Google found that the mail really comes from the domain of `sender`.

    `results` is the topmost `Authentication-Results` header, or "". Only Google's own counts:
    anybody can write such a header further down.
    """
    return not verdict(results, sender)


UNCHECKED: Final = "not authenticated"


def verdict(results: str, sender: str) -> str:
    """Why the mail may come from elsewhere than from the domain of `sender`; "" when it does not."""
    bare = _without_comments(results[:_LONGEST_RESULTS])
    server, _, rest = bare.partition(";")
    if server.split()[:1] != [_GOOGLE]:
        return UNCHECKED
    claims = [_claim(part) for part in rest.split(";")]
    own = domain(sender)
    judged = {
        result
        for method, result, properties in claims
        if method == "dmarc" and _aligned(properties.get("header.from", own).lower(), own)
    }
    if "pass" in judged:
        return ""
    if "fail" in judged:
        return "failed DMARC"
    said = any(method == "dmarc" for method, _, _ in claims)
    if _signed(claims, own) and (not said or judged == {"none"}):
        return ""
    failed = {method for method, result, _ in claims if result in {"fail", "softfail"}}
    names = " and ".join(one.upper() for one in ("spf", "dkim") if one in failed)
    return f"failed {names}" if names else UNCHECKED


_Claim = tuple[str, str, Mapping[str, str]]


def _signed(claims: Sequence[_Claim], own: str) -> bool:
    """Whether DKIM or SPF passed for the sender's own domain."""
    for method, result, properties in claims:
        if result != "pass":
            continue
        named = {
            "dkim": properties.get("header.d") or properties.get("header.i", ""),
            "spf": properties.get("smtp.mailfrom") or properties.get("smtp.helo", ""),
        }.get(method, "")
        if _aligned(domain(named), own):
            return True
    return False


def _claim(part: str) -> _Claim:
    words = part.split()
    pairs = [word.partition("=")[::2] for word in words]
    method, result = pairs[0] if pairs else ("", "")
    return (
        method.lower().partition("/")[0],
        result.lower(),
        {key.lower(): value.strip('"') for key, value in pairs[1:]},
    )


def _without_comments(text: str) -> str:
    """`text` without (nested) comments and without quoted strings, which can hold anything."""
    kept: list[str] = []
    depth, quoted, skip = 0, False, False
    for char in text:
        if skip:
            skip = False
        elif char == "\\" and (depth or quoted):
            skip = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(char)
    return "".join(kept)


def author(header: str) -> Person | None:
    """The sender of a From header.

    Google gives headers decoded, so a name of the sender's choice may look like more addresses;
    the real one stands last.
    """
    found = people(header)
    return found[-1] if found else None


def warnings(
    headers: Mapping[str, str],
    *,
    own: bool,
    familiar: Familiar = NOBODY,
    checked_only: bool = False,
) -> tuple[str, ...]:
    """What speaks against the sender, in our words; empty for mail that the account wrote.

    `headers`: lower-case name → the topmost value. `familiar`: whom the sender could pass for.
    With `checked_only`, mail that Google never judged (brought in from elsewhere) is let be.
    """
    sender = author(headers.get("from", ""))
    if own or sender is None:
        return ()
    found: list[str] = []
    if _answers_elsewhere(headers, sender, familiar):
        found.append("reply-to differs")
    if _poses(headers.get("from", ""), sender):
        found.append("name shows another address")
    if doubt := familiar.doubt(sender.address):
        found.append(doubt)
    results = headers.get("authentication-results", "")
    if not (checked_only and not results.strip()):
        found += filter(None, [verdict(results, sender.address)])
    return tuple(found)


def _answers_elsewhere(headers: Mapping[str, str], sender: Person, familiar: Familiar) -> bool:
    """Whether an answer goes to others than the sender, and neither to people that are known."""
    replies = {person.address.lower() for person in people(headers.get("reply-to", ""))}
    return any(not _together(one, sender.address) and not familiar.knows(one) for one in replies)


def _poses(header: str, sender: Person) -> bool:
    """Whether the name, or what stands for one, holds an address of somebody else."""
    shown = [sender.name]
    shown += [f"{one.name} {one.address}" for one in people(header)[:-1]]
    claimed = {match.rstrip(".") for match in _ADDRESS.findall(" ".join(shown))}
    return any(not _together(one, sender.address) for one in claimed)


def _together(one: str, other: str) -> bool:
    """Whether two addresses are the same, or of one organisation."""
    first, second = domain(one), domain(other)
    if one.lower() == other.lower():
        return True
    return first not in SHARED and second not in SHARED and _aligned(first, second)
