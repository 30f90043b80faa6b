"""Foreign text without what a reader cannot see and a terminal would obey.

Dropped: control characters (except newline and tab), surrogates, tag characters, bidirectional
controls, zero-width characters, stray variation selectors and joiners. Joiners that spell (Persian,
Indic scripts) or build an emoji stay.

Source: unicode.org/reports/tr36, tr51; ECMA-48 for what terminals obey
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_DROPPED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_HIDDEN: Final = re.compile(
    "[\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_JOINERS: Final = re.compile("[\u200c\u200d]")
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_BREAKS: Final = re.compile("\r\n?|[\x85\u2028\u2029\x0b\x0c]")
_SPACES: Final = re.compile(r"\s+")


def clean(text: str) -> str:
    """`text` with its lines and tabs, and without what cannot be seen."""
    text = _BREAKS.sub("\n", text)
    text = _DROPPED.sub("", text)
    if _SELECTORS.search(text):
        text = _SELECTORS.sub(lambda found: _kept(text, found, _takes_selector), text)
    if _JOINERS.search(text):
        text = _JOINERS.sub(lambda found: _kept(text, found, _joins), text)
    return text


def hidden(text: str) -> int:
    """How many characters `clean` drops that could hide words: zero-width, bidirectional, tags."""
    return sum(1 for _ in _HIDDEN.finditer(text))


def clean_line(text: str) -> str:
    """`text` cleaned, on one line, white space folded to single spaces."""
    return _SPACES.sub(" ", clean(text)).strip()


def _kept(text: str, found: re.Match[str], fits: Callable[[str, str, str], bool]) -> str:
    before = text[found.start() - 1] if found.start() else ""
    after = text[found.end()] if found.end() < len(text) else ""
    return found[0] if fits(found[0], before, after) else ""


def _takes_selector(selector: str, before: str, after: str) -> bool:
    """Whether `before` is a symbol, digit or ideograph that has variants."""
    del selector, after
    return bool(before) and (
        unicodedata.category(before) in {"So", "Sm", "Po", "Nd"} or "\u3400" <= before <= "\u9fff"
    )


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner stands between letters or marks, or between parts of an emoji."""
    if not (before and after):
        return False
    kinds = unicodedata.category(before)[0], unicodedata.category(after)[0]
    emoji = joiner == "\u200d" and (kinds[0] in "SM" or before == "\ufe0f") and kinds[1] == "S"
    return emoji or (kinds[0] in "LM" and kinds[1] in "LM")
