"""What the browser brought back → a code, a refusal, or nothing of ours. No I/O."""

import hmac
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

_ISSUER: Final = "https://accounts.google.com"
_PASTE: Final = re.compile(r"\x1b\[20[01]~")
LONGEST: Final = 8000


@dataclass(frozen=True, slots=True)
class Code:
    """Google's answer: to be exchanged once."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Google's word for why there is no code, such as access_denied."""

    error: str


def brought(target: str, state: str) -> Code | Refusal | None:
    """The answer in a request's target or in a pasted address; None when it is not for this sign-in.

    The state comes first, for errors as well: without it, any page could end a sign-in.
    """
    try:
        fields = parse_qs(urlsplit(target.strip()).query, keep_blank_values=True, max_num_fields=40)
    except ValueError:
        return None
    given = fields.get("state", [])
    if len(given) != 1 or not hmac.compare_digest(given[0].encode(), state.encode()):
        return None
    if fields.get("iss", [_ISSUER]) != [_ISSUER]:
        return None
    if error := fields.get("error"):
        word = error[0]
        return Refusal(word if word.replace("_", "").isalnum() and len(word) < 60 else "error")
    codes = fields.get("code", [])
    return Code(codes[0]) if len(codes) == 1 and codes[0] else None


def pasted(line: str) -> str:
    """The address, or its query alone, in a line that a person pasted; "" when it holds none.

    Quotes, brackets, blanks and a terminal's paste marks around it do not count.
    """
    text = _PASTE.sub("", line[:LONGEST]).strip().strip("'\"<>`").strip()
    if re.match(r"https?://", text):
        return text
    text = text.lstrip("?&")
    return f"?{text}" if re.match(r"[a-z_]+=", text) else ""
