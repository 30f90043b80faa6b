"""Blocks as they stand → requests that make them what they were. No I/O.

Everything is written from the last place to the first, so that indices hold. What only settles once all
text is in its place, lists, is written at the end: paragraphs beside each other become one list.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.journal.inverses.document.aligned import WORDS, Letter, codes, pairs, spelled
from workspace_mcp.journal.inverses.document.model import (
    Block,
    Json,
    Other,
    Paragraph,
    Piece,
    Table,
    digest,
    units,
)

Request = dict[str, Any]
TEXT: Final = (
    "bold", "italic", "underline", "strikethrough", "smallCaps", "backgroundColor", "foregroundColor",
    "fontSize", "weightedFontFamily", "baselineOffset",
)  # fmt: skip
_LINKED: Final = {"underline", "foregroundColor"}
AGAIN: Final = frozenset({"person", "richLink", "dateElement", "pageBreak"})
"""What stands in a text and can be made again."""
MADE: Final[Mapping[str, tuple[str, str]]] = {
    "person": ("insertPerson", "personProperties"),
    "richLink": ("insertRichLink", "richLinkProperties"),
    "dateElement": ("insertDate", "dateElementProperties"),
}
NAMES: Final = {
    "inlineObjectElement": "an image", "footnoteReference": "a footnote",
    "horizontalRule": "a horizontal line", "equation": "an equation", "dropdown": "a drop-down",
    "autoText": "a page number", "columnBreak": "a column break",
}  # fmt: skip


class NoWayError(Exception):
    """Google has no request that brings it back; the text says what."""


@dataclass(slots=True)
class _Later:
    """A paragraph that becomes a list item."""

    at: int
    size: int
    want: Paragraph
    fields: set[str]


@dataclass(slots=True)
class Writer:
    """Requests for one segment of one tab."""

    tab: str
    segment: str = ""
    requests: list[Request] = field(default_factory=list[Request])
    _loose: dict[int, list[Paragraph]] = field(default_factory=dict[int, list[Paragraph]])
    """Where paragraphs became one, whose look is then known to nobody: what it may be."""
    _later: list[_Later] = field(default_factory=list[_Later])

    def spot(self, at: int) -> Request:
        """A `Location`."""
        return {"index": at, "tabId": self.tab, **self._in()}

    def span(self, start: int, end: int) -> Request:
        """A `Range`."""
        return {"startIndex": start, "endIndex": end, "tabId": self.tab, **self._in()}

    def _in(self) -> Request:
        return {"segmentId": self.segment} if self.segment else {}

    def put(self, name: str, **given: Any) -> None:
        """One request more."""
        self.requests.append({name: given})

    def _insert(self, at: int, text: str) -> None:
        self.put("insertText", location=self.spot(at), text=text)
        self.grew(at, units(text))

    def _delete(self, start: int, end: int) -> None:
        if start < end:
            self.put("deleteContentRange", range=self.span(start, end))
            self.grew(end, start - end)

    def grew(self, at: int, by: int) -> None:
        """Remember that what stands at or behind `at` moved."""
        for one in self._later:
            one.at += by if one.at >= at else 0

    # Blocks

    def blocks(
        self,
        have: Sequence[Block],
        want: Sequence[Block],
        before: Block | None = None,
        behind: Block | None = None,
    ) -> None:
        """Make `want` of `have`, which stands between `before` and `behind`.

        Raises:
            NoWayError: that cannot be done.
        """
        found = pairs(have, want)
        end = have[-1] if have else before
        spot = behind.at if behind else end.end if end else 0
        following = behind
        maybe = [behind] if isinstance(behind, Paragraph) else []
        while found:
            mine, goal = found.pop()
            gone = [mine] if mine is not None and goal is None else []
            while gone and found and found[-1][1] is None:
                gone += [one for one in found.pop() if one is not None]
            earlier = [one for one, _ in found if one is not None]
            prev = earlier[-1] if earlier else before
            if gone:
                self._drop(gone[::-1], prev, following)
            elif mine is not None and goal is not None:
                maybe = self._pair(mine, goal)
            elif goal is not None:
                maybe = self._add(goal, spot, prev, following, maybe)
            moved = gone[-1] if gone else mine
            spot = moved.at if moved is not None else spot
            following = goal or following
        if isinstance(before, Paragraph) and before.at in self._loose:
            self._paragraph(before, before)

    def _pair(self, have: Block, want: Block) -> list[Paragraph]:
        match have, want:
            case Paragraph(), Paragraph():
                return self._paragraph(have, want)
            case Table(), Table():
                from workspace_mcp.journal.inverses.document.tables import rewrite

                rewrite(self, have, want)
            case Other(), Other():
                self._section(have, want)
            case _:
                raise NoWayError("a part of another kind")
        return []

    def _drop(self, gone: Sequence[Block], prev: Block | None, following: Block | None) -> None:
        """Blocks beside each other go; the newline before a table, or the last one, cannot."""
        for one in gone:
            if isinstance(one, Other) and "sectionBreak" not in one.raw:
                raise NoWayError(one.text.strip("()") or "a contents list")
        start, end = gone[0].at, gone[-1].end
        if isinstance(following, Paragraph):
            self._delete(start, end)
            return
        last = gone[-1]
        if not isinstance(last, Paragraph):
            raise NoWayError("a table beside another one")
        if not isinstance(prev, Paragraph):
            raise NoWayError("a paragraph between two tables")
        self._delete(start - 1, end - 1)
        self._loose.setdefault(prev.at, []).append(last)

    def _add(
        self,
        want: Block,
        spot: int,
        prev: Block | None,
        following: Block | None,
        maybe: Sequence[Paragraph],
    ) -> list[Paragraph]:
        """A block comes before the following one, which looks like one of `maybe`."""
        match want:
            case Paragraph() if isinstance(following, Paragraph):
                self._insert(spot, "\n")
                models = maybe
            case Paragraph() if isinstance(prev, Paragraph):
                self._insert(spot - 1, "\n")
                models = [prev, *self._loose.get(prev.at, ())]
                self._loose.setdefault(prev.at, []).append(prev)
            case Table() if isinstance(prev, Paragraph) and isinstance(following, Paragraph):
                from workspace_mcp.journal.inverses.document.tables import make

                make(self, want, spot)
                self._delete(spot - 1, spot)
                self._loose.setdefault(prev.at, []).extend(maybe)
                return []
            case Table():
                raise NoWayError("a table beside another one")
            case Other():
                raise NoWayError("a section break, a contents list or a suggestion")
            case _:
                raise NoWayError("a paragraph between two tables")
        made = Paragraph(spot, models[0].style, models[0].bullet, (Piece("\n", {}),))
        self._loose[spot] = list(models)
        return self._paragraph(made, want)

    def _section(self, have: Other, want: Other) -> None:
        if have.raw == want.raw:
            return
        mine, goal = (one.raw.get("sectionBreak", {}).get("sectionStyle") for one in (have, want))
        if mine is None or goal is None or have.text or want.text:
            raise NoWayError("a contents list or a suggestion")
        names = sorted(key for key in {*mine, *goal} if mine.get(key) != goal.get(key))
        self.put(
            "updateSectionStyle", range=self.span(have.at, have.end), sectionStyle=_some(goal, names),
            fields=",".join(names),
        )  # fmt: skip

    # Paragraphs

    def _paragraph(self, have: Paragraph, want: Paragraph) -> list[Paragraph]:
        """What it may look like until the lists are made."""
        loose = self._loose.pop(have.at, [])
        if not loose and digest(have) == digest(want):
            return [want]
        letters = self._text(have, want)
        last: Letter = ("\n", want.pieces[-1].style, None)
        letters.append((last, None if loose else have.pieces[-1].style))
        size = want.end - want.at
        later = self._look(have, want, loose, size)
        wide = have.style.get("namedStyleType") != want.style.get("namedStyleType")
        linked = any("link" in one.style for one in (*have.pieces, *want.pieces))
        at = have.at
        spans: list[tuple[int, int, tuple[Json | None, Json] | None]] = []
        for (char, style, thing), known in letters:
            change = None if known == style and not (wide and style) else (known, style)
            start = spans.pop()[0] if spans and spans[-1][2] == change else at
            at += 1 if thing is not None else units(char)
            spans.append((start, at, change))
        for start, end, change in spans:
            if change is not None:
                self._letters(start, end, *change, linked=linked)
        return [want, have, *loose] if later else [want]

    def _text(self, have: Paragraph, want: Paragraph) -> list[tuple[Letter, Json | None]]:
        """Make the text; each letter of it, with the look that it is known to have."""
        mine, goal = list(spelled(have.pieces)), list(spelled(want.pieces))
        places = [have.at]
        for _, found in mine:
            places.append(places[-1] + _size(found))
        letters: list[tuple[Letter, Json | None]] = []
        parts = codes([key for key, _ in mine], [key for key, _ in goal], WORDS)
        for kind, i1, i2, j1, j2 in parts:
            new = [letter for _, found in goal[j1:j2] for letter in found]
            old = [letter for _, found in mine[i1:i2] for letter in found]
            if kind == "equal":
                letters += [(one, other[1]) for one, other in zip(new, old, strict=True)]
            else:
                letters += [(one, None) for one in new]
        for kind, i1, i2, j1, j2 in reversed(parts):
            if kind != "equal":
                self._delete(places[i1], places[i2])
                self._things(places[i1], [letter for _, found in goal[j1:j2] for letter in found])
        return letters

    def _things(self, at: int, letters: Sequence[Letter]) -> None:
        """Text and things at one place, from the last to the first."""
        text = ""
        for char, _, thing in reversed(letters):
            if thing is None:
                text = char + text
                continue
            if text:
                self._insert(at, text)
            text = ""
            self._thing(at, thing)
        if text:
            self._insert(at, text)

    def _thing(self, at: int, thing: Json) -> None:
        kind, value = next(iter(thing.items()))
        if kind == "pageBreak":  # comes with a newline behind it
            self.put("insertPageBreak", location=self.spot(at))
            self.grew(at, 2)
            self._delete(at + 1, at + 2)
            return
        if kind not in MADE:
            raise NoWayError(NAMES.get(kind, "an object in the text"))
        request, name = MADE[kind]
        given = {key: one for key, one in value[name].items() if key not in {"displayText"}}
        if kind == "richLink":
            given = {"uri": given["uri"]}
        self.put(request, location=self.spot(at), **{name: given})
        self.grew(at, 1)

    def _look(
        self, have: Paragraph, want: Paragraph, loose: Sequence[Paragraph], size: int
    ) -> bool:
        """Whether it waits for its list."""
        maybe = [have, *loose]
        fields = {
            key for one in maybe for key in {*one.style, *want.style}
            if one.style.get(key) != want.style.get(key)
        }  # fmt: skip
        span = self.span(have.at, have.at + size)
        same = all(_marks(one) == _marks(want) for one in maybe)
        if not same and any(one.bullet for one in maybe):
            self.put("deleteParagraphBullets", range=span)
            fields |= {"indentStart", "indentFirstLine"}
        if not same and want.bullet is not None:
            if str(want.bullet["look"]).startswith("="):
                raise NoWayError("a list with marks of its own")
            fields |= {"indentStart", "indentFirstLine"}
            self._later.append(_Later(have.at, size, want, fields))
            return True
        if fields:
            self._styled(have.at, size, want, fields)
        return False

    def _styled(self, at: int, size: int, want: Paragraph, fields: set[str]) -> None:
        names = sorted(fields)
        self.put(
            "updateParagraphStyle", range=self.span(at, at + size),
            paragraphStyle=_some(want.style, names), fields=",".join(names),
        )  # fmt: skip

    def _letters(
        self, start: int, end: int, have: Json | None, want: Json, *, linked: bool
    ) -> None:
        """The look of letters; `have` is None when it is not known."""
        names = {one for one in TEXT if have is None or have.get(one) != want.get(one)}
        if (have or {}).get("link") != want.get("link") or (have is None and linked):
            link = {"link": want["link"]} if want.get("link") else {}
            self.put("updateTextStyle", range=self.span(start, end), textStyle=link, fields="link")
            names |= _LINKED
        names |= set(want) & set(TEXT) if have == want else set()
        if names:
            fields = sorted(names)
            self.put(
                "updateTextStyle", range=self.span(start, end), textStyle=_some(want, fields),
                fields=",".join(fields),
            )  # fmt: skip

    def done(self) -> list[Request]:
        """All requests, the lists at the end."""
        waiting = sorted(self._later, key=lambda one: one.at)
        while waiting:
            group = [waiting.pop(0)]
            while waiting and _beside(group[-1], waiting[0]):
                group.append(waiting.pop(0))
            self._listed(group)
        return self.requests

    def _listed(self, group: Sequence[_Later]) -> None:
        tabs = 0
        for one in reversed(group):
            level = int((one.want.bullet or {}).get("level", 0))
            if level:
                self.put("insertText", location=self.spot(one.at), text="\t" * level)
            tabs += level
        end = group[-1].at + group[-1].size + tabs
        preset = (group[0].want.bullet or {})["look"]
        self.put("createParagraphBullets", range=self.span(group[0].at, end), bulletPreset=preset)
        for one in group:
            self._styled(one.at, one.size, one.want, one.fields)


def _beside(one: _Later, other: _Later) -> bool:
    same = (one.want.bullet or {}).get("look") == (other.want.bullet or {}).get("look")
    return same and one.at + one.size == other.at


def _marks(found: Paragraph) -> tuple[Any, Any] | None:
    return (found.bullet["look"], found.bullet["level"]) if found.bullet else None


def _some(found: Json, names: Sequence[str]) -> Request:
    return {key: found[key] for key in names if key in found}


def _size(letters: Sequence[Letter]) -> int:
    return sum(1 if thing is not None else units(char) for char, _, thing in letters)
