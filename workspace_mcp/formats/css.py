"""As much of CSS as it takes to know whether a person sees a text. No I/O.

Style sheets by element, class and id, outside media queries; inline styles; HTML's own attributes.

Source: w3.org/TR/CSS22
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

_LONGEST_SHEET: Final = 200_000
_MOST_RULES: Final = 3_000
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_SIMPLE: Final = re.compile(r"([a-z][a-z0-9]*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_LENGTH: Final = re.compile(r"(-?[\d.]+)\s*(px|pt|em|rem|%|ex|ch|vw|vh)?")
_NAMED: Final = {
    "white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "green": (0, 128, 0),
    "blue": (0, 0, 255), "gray": (128, 128, 128), "grey": (128, 128, 128), "yellow": (255, 255, 0),
    "silver": (192, 192, 192), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245), "navy": (0, 0, 128), "orange": (255, 165, 0),
}  # fmt: skip
_ALIKE: Final = 24
"""Colours nearer than this (the sum over red, green and blue) cannot be told apart."""
Colour = tuple[int, int, int]
Declarations = Mapping[str, str]
Rules = Mapping[str, tuple[tuple[frozenset[str], Declarations], ...]]
"""By the last name of a selector ("p", ".x", "#y"): what else it asks for, and what it declares."""


@dataclass(frozen=True, slots=True)
class Look:
    """How an element's text looks, as far as seeing it goes."""

    visible: bool = True
    size_px: float = 16.0
    colour: Colour = (0, 0, 0)
    background: Colour = (255, 255, 255)
    transparent: bool = False
    pictured: bool = False
    """A picture lies behind: colours say nothing."""

    @property
    def readable(self) -> bool:
        """Whether text of this look can be seen."""
        alike = sum(abs(a - b) for a, b in zip(self.colour, self.background, strict=True)) < _ALIKE
        return self.size_px > 2 and not self.transparent and not (alike and not self.pictured)


START: Final = Look()


def declarations(text: str) -> dict[str, str]:
    """`a: b; c: d` → names and values, lower-case, escapes undone."""
    plain = _ESCAPE.sub(lambda found: _character(found[1]), _COMMENT.sub("", text))
    found: dict[str, str] = {}
    for part in plain.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip().lower()] = value.replace("!important", "").strip().lower()
    return found


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def rules(sheet: str) -> Rules:
    """The rules of a style sheet that can hide something; those inside `@…{}` are left out."""
    text = _COMMENT.sub("", sheet[:_LONGEST_SHEET]).replace("<!--", "").replace("-->", "")
    found: dict[str, list[tuple[frozenset[str], Declarations]]] = {}
    count = 0
    for selectors, body in _top_level(text):
        declared = {k: v for k, v in declarations(body).items() if k in _SEEN}
        if not declared:
            continue
        for selector in selectors.split(",")[:50]:
            names = _names(selector)
            count += 1
            if names and count <= _MOST_RULES:
                found.setdefault(names[-1], []).append((frozenset(names[:-1]), declared))
    return {key: tuple(value) for key, value in found.items()}


def _top_level(text: str) -> list[tuple[str, str]]:
    """(selectors, body) of every rule outside at-rules, in one pass."""
    found: list[tuple[str, str]] = []
    at, depth, start, selector = 0, 0, 0, ""
    for mark in re.finditer(r"[{}]", text):
        at = mark.start()
        if mark[0] == "{":
            if depth == 0:
                selector = text[start:at].rpartition(";")[2].strip()
                start = at + 1
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                if selector and not selector.startswith("@"):
                    found.append((selector, text[start:at]))
                start = at + 1
        else:
            start = at + 1
    return found


def _names(selector: str) -> list[str]:
    """The parts of a simple selector, the one to look up by last; [] for what is not simple.

    Of `div.a p.b` only `p.b` is asked for: ancestors are ignored, so a rule may hide too much
    rather than too little.
    """
    last = re.split(r"[\s>+~]+", selector.strip())[-1]
    found = _SIMPLE.fullmatch(last)
    if found is None or not last:
        return []
    parts = re.findall(r"[.#][\w-]+", found[2] or "")
    element = [found[1].lower()] if found[1] else []
    return [*element, *parts]


_SEEN: Final = frozenset({
    "display", "visibility", "opacity", "font-size", "font", "color", "background",
    "background-color", "background-image", "position", "left", "top", "text-indent", "clip",
    "clip-path", "height", "max-height", "width", "max-width", "overflow", "mso-hide", "line-height",
})  # fmt: skip


def applied(look: Look, tag: str, attributes: Mapping[str, str | None], sheet: Rules) -> Look:
    """The look inside an element, from the look around it."""
    declared: dict[str, str] = {}
    if sheet:
        classes = (attributes.get("class") or "").split()[:50]
        names = [tag, *(f".{name}" for name in classes)]
        names += [f"#{attributes['id']}"] if attributes.get("id") else []
        for name in names:
            for others, found in sheet.get(name, ()):
                if others <= set(names):
                    declared |= found
    if style := attributes.get("style"):
        declared |= declarations(style[:10_000])
    if "hidden" in attributes or _removed(declared):
        return replace(look, visible=False)
    if colour := attributes.get("bgcolor"):
        declared.setdefault("background-color", colour.lower())
    if tag == "font" and (colour := attributes.get("color")):
        declared.setdefault("color", colour.lower())
    if attributes.get("background"):
        declared.setdefault("background-image", "url")
    return _look(look, declared) if declared else look


def _removed(declared: Declarations) -> bool:
    get = declared.get
    if get("display") == "none" or get("visibility") in {"hidden", "collapse"}:
        return True
    if get("mso-hide") == "all" and "display" not in declared:
        return True
    clipped = get("overflow") == "hidden" and any(
        _pixels(get(side, ""), 16.0) in {0.0, 1.0}
        for side in ("height", "max-height", "width", "max-width")
    )
    away = get("position") in {"absolute", "fixed"} and any(
        (_pixels(get(side, ""), 16.0) or 0.0) <= -200 for side in ("left", "top")
    )
    indent = (_pixels(get("text-indent", ""), 16.0) or 0.0) <= -200
    rectangle = "rect(0" in get("clip", "").replace(" ", "") or "inset(100%" in get(
        "clip-path", ""
    ).replace(" ", "")
    return clipped or away or indent or rectangle


def _look(look: Look, declared: Declarations) -> Look:
    size = declared.get("font-size") or _font_size(declared.get("font", ""))
    pixels = _pixels(size, look.size_px) if size else None
    opacity = _pixels(declared["opacity"], 1.0) if "opacity" in declared else None
    background = _background(declared)
    picture = "url" in declared.get("background-image", "") + declared.get("background", "")
    return Look(
        True,
        look.size_px if pixels is None else pixels,
        _colour(declared.get("color", "")) or look.colour,
        background or look.background,
        look.transparent
        or (opacity is not None and opacity <= 0.05)
        or declared.get("color") == "transparent",
        picture or (look.pictured and background is None),
    )


def _background(declared: Declarations) -> Colour | None:
    for name in ("background-color", "background"):
        for word in re.findall(r"#[0-9a-f]{3,8}|rgba?\([^)]*\)|[a-z]+", declared.get(name, "")):
            if colour := _colour(word):
                return colour
    return None


def _font_size(font: str) -> str:
    found = re.search(r"(?:^|\s)(-?[\d.]+(?:px|pt|em|rem|%))", font)
    return found[1] if found else ""


def _pixels(value: str, around: float) -> float | None:
    found = _LENGTH.match(value.strip())
    if found is None:
        return None
    try:
        number = float(found[1])
    except ValueError:
        return None
    scale = {
        "pt": 4 / 3,
        "em": around,
        "rem": 16.0,
        "%": around / 100,
        "ex": around / 2,
        "ch": around / 2,
    }
    return number * scale.get(found[2] or "px", 1.0)


def _colour(word: str) -> Colour | None:
    word = word.strip()
    if word in _NAMED:
        return _NAMED[word]
    if found := re.fullmatch(r"#?([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?", word):
        return (int(found[1] * 2, 16), int(found[2] * 2, 16), int(found[3] * 2, 16))
    if found := re.fullmatch(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})(?:[0-9a-f]{2})?", word):
        return (int(found[1], 16), int(found[2], 16), int(found[3], 16))
    if found := re.fullmatch(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+).*\)", word):
        return (min(255, int(found[1])), min(255, int(found[2])), min(255, int(found[3])))
    return None
