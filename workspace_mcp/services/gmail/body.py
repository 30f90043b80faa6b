"""What a mail says: the right part of it, as text, without what it quotes. No I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from workspace_mcp.formats.clean import hidden
from workspace_mcp.formats.html_text import html_text, tidy
from workspace_mcp.formats.payload import Leaf, Mail, attached, escaped_html, is_stub, unflowed
from workspace_mcp.formats.quoting import fold
from workspace_mcp.formats.show import size

_HTML: Final = "text/html"
_PLAIN: Final = "text/plain"
_NO_TEXT: Final = frozenset({"text/calendar", "text/x-amp-html", "text/watch-html"})
_NESTED: Final = "message/rfc822"
_DEEPEST: Final = 20
_DIFFERS: Final = 0.3
"""Share of the plain part's words that the HTML part must lack to be called different."""


class Form(StrEnum):
    """In which form a body is wanted."""

    MARKDOWN = "markdown"
    PLAIN = "plain"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Written:
    """A body as text, and notes of ours about what is not in it."""

    text: str
    notes: tuple[str, ...] = ()


def chosen(payload: Mapping[str, Any], form: Form) -> tuple[str, ...]:
    """Ids of the parts that make up the body in `form`, in order.

    Of alternatives the one that a person sees is taken; what stands in a row is all taken, as
    text before and after a picture. A forwarded message counts only where nothing else is there.
    """
    return tuple(_chosen(payload, form, 0, nested=False)) or tuple(
        _chosen(payload, form, 0, nested=True)
    )


def _chosen(part: Mapping[str, Any], form: Form, depth: int, *, nested: bool) -> Iterator[str]:
    mime = _mime(part)
    if mime == _NESTED and not nested:
        return
    children: Sequence[Mapping[str, Any]] = part.get("parts", ()) if depth < _DEEPEST else ()
    if mime == "multipart/alternative":
        best = max(children, key=lambda child: _rank(child, form, depth), default=None)
        children = () if best is None else (best,)
    for child in children:
        yield from _chosen(child, form, depth + 1, nested=nested)
    text = mime.startswith("text/") and mime not in _NO_TEXT and not part.get("filename")
    if text and not children:
        yield str(part.get("partId", ""))


def _rank(part: Mapping[str, Any], form: Form, depth: int) -> int:
    """How much an alternative is wanted."""
    kinds = set(_kinds(part, depth))
    first, second = (_PLAIN, _HTML) if form is Form.PLAIN else (_HTML, _PLAIN)
    if first in kinds:
        return 3
    return 2 if second in kinds else int(any(kind not in _NO_TEXT for kind in kinds))


def _kinds(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    if (mime := _mime(part)).startswith("text/") and not part.get("filename"):
        yield mime
    for child in part.get("parts", ()) if depth < _DEEPEST else ():
        yield from _kinds(child, depth + 1)


def _mime(part: Mapping[str, Any]) -> str:
    return str(part.get("mimeType", _PLAIN)).lower()


def wanted(mail: Mail, payload: Mapping[str, Any]) -> list[Leaf]:
    """Body parts whose bytes Gmail left out, to be fetched before `written`."""
    ids = {*chosen(payload, Form.MARKDOWN), *chosen(payload, Form.PLAIN)}
    return [leaf for leaf in mail.leaves if leaf.part_id in ids and leaf.data is None]


def written(
    mail: Mail,
    payload: Mapping[str, Any],
    fetched: Mapping[str, bytes],
    form: Form,
    *,
    quoted: bool,
) -> Written:
    """The body in `form`. `fetched` holds the bytes of parts that came apart, by part id."""
    rich = _Body(mail, chosen(payload, form), fetched, form, quoted=quoted)
    if form is not Form.MARKDOWN or not any(leaf.mime == _HTML for leaf in rich.leaves):
        return rich.written()
    plain = _Body(mail, chosen(payload, Form.PLAIN), fetched, Form.PLAIN, quoted=quoted)
    if not rich.text.strip() and not is_stub(plain.text):
        note = "[the HTML part shows no text; this is the plain-text part]"
        return Written(plain.text, (*plain.notes, note))
    if _differs(plain.text, rich.text):
        rich.notes.append("[the plain-text part says something else: body=plain shows it]")
    return rich.written()


class _Body:
    """The chosen parts, one after the other."""

    def __init__(
        self,
        mail: Mail,
        ids: Sequence[str],
        fetched: Mapping[str, bytes],
        form: Form,
        *,
        quoted: bool,
    ) -> None:
        self.notes: list[str] = []
        self.leaves = [leaf for leaf in mail.leaves if leaf.part_id in ids and not attached(leaf)]
        self._hidden = 0
        self._folded = 0
        self._cut = False
        self._left_out = 0
        texts = [self._text(leaf, fetched, form, quoted=quoted) for leaf in self.leaves]
        self.text = "\n\n".join(text for text in texts if text.strip())
        self._note(form)

    def written(self) -> Written:
        """As a value."""
        return Written(self.text, tuple(self.notes))

    def _text(self, leaf: Leaf, fetched: Mapping[str, bytes], form: Form, *, quoted: bool) -> str:
        if leaf.data is None and leaf.part_id not in fetched:
            self._left_out += leaf.size
            return ""
        source = leaf.text(fetched.get(leaf.part_id))
        if form is Form.HTML:
            return source
        if leaf.mime == _HTML:
            seen = html_text(escaped_html(source))
            self._hidden += seen.hidden
            self._cut = self._cut or seen.cut
            text = seen.text
        else:
            self._hidden += hidden(source)
            text = tidy(unflowed(source) if leaf.flowed else source)
        if quoted:
            return text
        folded = fold(text)
        self._folded += folded.lines
        return folded.own

    def _note(self, form: Form) -> None:
        if self._left_out:
            self.notes.append(f"[{size(self._left_out)} of text left out; body=raw saves the mail]")
        elif not self.text.strip():
            self.notes.append("[no text]")
        if self._folded:
            lines = "line" if self._folded == 1 else "lines"
            self.notes.append(f"[{self._folded} quoted {lines} folded; quoted=true shows them]")
        if self._hidden:
            self.notes.append(f"[hidden text removed: {self._hidden:,} characters]")
        if self._cut:
            self.notes.append("[too much HTML to read it all; body=raw saves the whole mail]")
        if form is Form.HTML:
            self.notes.append("[HTML source: it may hold text that a person does not see]")


def _differs(plain: str, rich: str) -> bool:
    """Whether the plain part says much that the HTML part does not."""
    if is_stub(plain):
        return False
    words = _words(plain)
    return len(words - _words(rich)) > max(5, _DIFFERS * len(words))


def _words(text: str) -> set[str]:
    """Words of letters; addresses of links are not compared."""
    return set(re.findall(r"[^\W\d_]{3,}", re.sub(r"https?://\S+", "", text.casefold())))
