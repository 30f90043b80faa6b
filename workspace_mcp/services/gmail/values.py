"""The values that a setting is given, checked field by field. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "label": ("name", "color", "show"),
    "filter": (
        "from", "to", "subject", "query", "not", "has_attachment", "larger", "smaller", "add",
        "remove", "apply",
    ),
    "vacation": ("on", "subject", "body", "start", "end", "contacts_only", "domain_only"),
    "sendas": ("name", "signature"),
}  # fmt: skip
"""What can be set of each kind of setting."""
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Values:
    """Fields of one kind of setting, as the model gave them."""

    kind: str
    given: Mapping[str, Any]

    def check(self) -> None:
        """Raise when there is nothing, or a field that the kind does not have."""
        fields = FIELDS[self.kind]
        takes = f"{self.kind} takes: {', '.join(fields)}."
        if not self.given:
            raise ArgumentError("values is empty.", takes)
        if unknown := sorted(set(self.given) - set(fields)):
            shown = ", ".join(clean_line(one)[:40] for one in unknown)
            raise ArgumentError(f"{self.kind} has no field {shown}.", takes)

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def text(self, name: str) -> str:
        """A text, as it was given.

        Raises:
            ArgumentError: it is none. So for each kind of value below.
        """
        value = self.given[name]
        if not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def line(self, name: str) -> str:
        """A text on one line, cleaned."""
        return clean_line(self.text(name))

    def flag(self, name: str) -> bool:
        """True or false, also as a word."""
        value = self.given[name]
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in _WORDS:
            return _WORDS[value.strip().lower()]
        raise self._wrong(name, "true or false")

    def size(self, name: str) -> int:
        """A number of bytes; `10M` and `500K` are taken too."""
        text = str(self.given[name]).strip().upper()
        factor = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:], 1)
        digits = text[:-1] if factor > 1 else text
        if not (digits.isascii() and digits.isdigit()) or not int(digits):
            raise self._wrong(name, "a number of bytes, such as 500000 or 10M")
        return int(digits) * factor

    def strings(self, name: str) -> Sequence[str]:
        """A list of texts; a lone text is a list of one."""
        value = self.given[name]
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
        raise self._wrong(name, "a list of names")

    def moment(self, name: str, zone: tzinfo) -> datetime:
        """A local date (its first moment) or time, aware."""
        try:
            found = datetime.fromisoformat(self.line(name))
        except ValueError:
            raise self._wrong(
                name, "a date like 2026-12-24 or a time like 2026-12-24T18:00"
            ) from None
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)

    def is_date(self, name: str) -> bool:
        """Whether a moment was given as a day alone."""
        return len(self.line(name)) <= len("2026-12-24")

    def _wrong(self, name: str, wanted: str) -> ArgumentError:
        return ArgumentError(f"{name} of a {self.kind} is {wanted}.")
