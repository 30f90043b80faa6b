"""Addresses that pass for others: letters that look alike, one letter off, a known name in front. No I/O.

Source: unicode.org/reports/tr39 (confusables, mixed scripts); rfc-editor.org/rfc/rfc3492 (punycode)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

_ADDRESS: Final = re.compile(r"[a-z0-9._%+'-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LONGEST: Final = 320
_LABEL: Final = 63
_MOST: Final = 1_000
"""Familiar addresses that are compared with."""
_ANY_EDIT: Final = 6
"""Letters of the shorter name from which one more, one less or another one is a likeness."""
_SWAP: Final = 4
"""The same for two neighbours that changed places."""
_MAILBOX: Final = 6
"""The same for mailboxes of shared domains, where people are often called nearly alike."""
SHARED: Final = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.com",
    "web.de", "t-online.de", "proton.me", "protonmail.com", "mail.ru", "yandex.ru", "qq.com",
    "163.com", "orange.fr", "free.fr", "libero.it", "fastmail.com", "hey.com", "mail.com",
})  # fmt: skip
"""Domains at which anybody gets an address: there the part before the @ is who it is."""
_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})
_SECOND: Final = frozenset(
    {"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob", "nom"}
)
"""Second-level labels under which others register, as in `co.uk`."""
_SLIPS: Final = frozenset({"co", "cm", "om"})
"""Ends that stand for `com` when a finger slips."""
_EXACT: Final[Mapping[str, str]] = {
    "a": "аαɑ", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡց", "h": "һհ", "i": "іιı", "j": "ј", "l": "ӏ",
    "n": "ո", "o": "оοօ", "p": "рρ", "q": "ԛ", "s": "ѕ", "u": "ս", "v": "νѵ", "w": "ԝ", "x": "хχ",
    "y": "у",
}  # fmt: skip
"""Latin letters, and those of other alphabets that no eye tells from them."""
_NEAR: Final[Mapping[str, str]] = {
    "b": "вβ", "h": "н", "k": "кκ", "m": "м", "n": "пη", "r": "г", "t": "тτ", "u": "υ", "w": "ω",
    "y": "γ",
}  # fmt: skip
"""Those that only resemble them: enough beside a familiar name."""
_TWINS: Final = {one: latin for latin, row in _EXACT.items() for one in row}
_RELATIVES: Final = _TWINS | {one: latin for latin, row in _NEAR.items() for one in row}
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_LATIN_LIKE: Final = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})


@dataclass(frozen=True, slots=True)
class Familiar:
    """Addresses that the person knows: their own, and those that they wrote to; lower-case."""

    addresses: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    """Domains of the person's own addresses."""
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(cls, own: Iterable[str], others: Iterable[str] = ()) -> Self:
        """What is no plain address is left out."""
        mine = {one.lower() for one in own if _ADDRESS.fullmatch(one.lower())}
        found = set(mine)
        for one in others:
            if len(found) < _MOST and _ADDRESS.fullmatch(one.lower()):
                found.add(one.lower())
        return cls(
            frozenset(found),
            frozenset(map(_domain, mine)),
            frozenset(part for one in found for part in _upwards(_domain(one))),
        )

    def knows(self, address: str) -> bool:
        """Whether it is familiar, or of the same organisation as one that is."""
        lower = address.lower()
        domain = _domain(lower)
        if domain in SHARED:
            return lower in self.addresses
        return any(part in self.domains for part in _upwards(domain))

    def doubt(self, address: str) -> str:
        """What is odd about how an address looks, in our words; "" for nothing."""
        lower = address[:_LONGEST].lower()
        local, _, written = lower.rpartition("@")
        domain = ".".join(map(_read, written.split(".")))
        if lower in self.addresses:
            return ""
        if likeness := self._likeness(local, domain):
            return f"looks like {likeness}"
        return _alphabets(local, domain)

    def _likeness(self, local: str, domain: str) -> str:
        if not domain:
            return ""
        if any(part in self.domains - SHARED for part in _upwards(domain)):
            return ""
        for part in _upwards(domain):
            for one in sorted(self.domains):
                if part != one and (_twin(part, one) or _slip(part, one, one in self.own)):
                    return one
        ahead = next((one for one in sorted(self.own) if domain.startswith(f"{one}.")), "")
        return ahead or (self._mailbox(local, domain) if domain in SHARED else "")

    def _mailbox(self, local: str, domain: str) -> str:
        """The familiar mailbox of a shared domain that another one passes for."""
        bare = _bare(local, domain)
        same = sorted(one for one in self.addresses if _domain(one) == domain)
        names = {one: _bare(one.rpartition("@")[0], domain) for one in same}
        if bare in names.values():
            return ""
        alike = (
            one
            for one, name in names.items()
            if _skeleton(name) == _skeleton(bare)
            or (len(name) >= _MAILBOX and _swapped(name, bare))
        )
        return next(alike, "")


NOBODY: Final = Familiar()
"""Nobody is familiar: then only what an address shows by itself is odd."""


def _domain(address: str) -> str:
    return address.rpartition("@")[2].rstrip(".")


def _upwards(domain: str) -> Iterator[str]:
    """`a.b.example.com` → itself, `b.example.com`, `example.com`; never `co.uk`."""
    labels = domain.split(".")[-8:]
    for start in range(len(labels) - 1):
        rest = labels[start:]
        if start and len(rest) == 2 and rest[0] in _SECOND:
            return
        yield ".".join(rest)


def _read(label: str) -> str:
    """A label as a person sees it: `xn--mnchen-3ya` → `münchen`."""
    if not label.startswith("xn--") or len(label) > _LABEL:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower()
    except (UnicodeError, ValueError, OverflowError):
        return label


def _latin(text: str, twins: Mapping[str, str]) -> str:
    """Without accents, and with the Latin letters that others look like."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(twins.get(one, one) for one in plain if not unicodedata.combining(one))


@lru_cache(maxsize=4_096)
def _skeleton(text: str) -> str:
    """What two texts share when an eye takes one for the other."""
    found = _latin(text, _RELATIVES)
    for pair, single in _PAIRS:
        found = found.replace(pair, single)
    return found.translate(_ALIKE)


def _twin(one: str, other: str) -> bool:
    return _skeleton(one) == _skeleton(other)


def _slip(domain: str, known: str, own: bool) -> bool:
    """Whether a domain is one letter off a known one."""
    name, _, top = domain.rpartition(".")
    known_name, _, known_top = known.rpartition(".")
    if name == known_name:
        return own and known_top == "com" and top in _SLIPS
    return top == known_top and _one_off(name, known_name)


def _one_off(one: str, other: str) -> bool:
    """Whether one letter more, less, another or two swapped make one of the other; digits count not."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or len(short) < _SWAP:
        return False
    begin = _shared(short, long)
    rest, other_rest = short[begin:], long[begin:]
    if len(short) == len(long):
        if _swapped(short, long):
            return True
        edited, changed = rest[1:] == other_rest[1:], rest[:1] + other_rest[:1]
    else:
        edited, changed = rest == other_rest[1:], other_rest[:1]
    return edited and len(short) >= _ANY_EDIT and not any(map(str.isdigit, changed))


def _shared(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _swapped(one: str, other: str) -> bool:
    """Whether two neighbours changed places, and nothing else."""
    at = _shared(one, other)
    pair = other[at : at + 2]
    return (
        len(pair) == 2
        and not pair.isdigit()
        and one[at : at + 2] == pair[::-1]
        and one[at + 2 :] == other[at + 2 :]
    )


def _bare(local: str, domain: str) -> str:
    """The mailbox without its `+tag`, and without dots where Google ignores them."""
    name = local.partition("+")[0]
    return name.replace(".", "") if domain in _DOTLESS else name


def _alphabets(local: str, domain: str) -> str:
    """Whether one word is written in letters of several alphabets, or in none but look-alikes."""
    labels = [*re.split(r"[.+_-]", local), *domain.split(".")]
    for label in labels:
        scripts = {unicodedata.name(one, "?").split(" ")[0] for one in label if one.isalpha()}
        if "LATIN" in scripts and scripts & _LATIN_LIKE:
            return "address mixes alphabets"
    for label in domain.split(".")[:-1]:
        foreign = not label.isascii() and label.isalpha() and _latin(label, _TWINS).isascii()
        if foreign and not any("LATIN" in unicodedata.name(one, "") for one in label):
            top = domain.rpartition(".")[2]
            return "address imitates Latin letters" if top.isascii() else ""
    return ""
