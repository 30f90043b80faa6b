"""What `drive_search` answers: files a line each, shared drives, nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.services.drive.below import MOST
from workspace_mcp.services.drive.files import File, quoted
from workspace_mcp.tools import View

_BYTES: Final = 9_800


@dataclass(frozen=True, slots=True)
class Found(View):
    """A page of files. `place` is the folder that was listed, "" when it was none."""

    files: Sequence[File]
    places: Mapping[str, str]
    place: str
    zone: tzinfo
    by_worth: bool
    deeper: bool
    incomplete: bool
    next_page: str | None

    def text(self, fence: Fence) -> str:
        """A line of our own, one a file, then what is missing and how to go on."""
        lines = [one.line(fence, self.zone, self._path(one)) for one in self.files]
        shown = show.fitting(lines, _BYTES)
        parts = [self._first(fence), *lines[:shown]]
        if shown < len(lines):
            parts.append(
                f"{len(lines) - shown} more were found than fit here: ask with a smaller max."
            )
        if self.deeper:
            parts.append(
                f"Only {MOST} of the folders below it were searched: name one of them for the rest."
            )
        if self.incomplete:
            parts.append(
                "Google did not search everywhere: name a folder (a shared drive is one) for the rest."
            )
        if self.next_page:
            parts.append(f'More match: page="{self.next_page}" continues.')
        return "\n".join(parts)

    def _first(self, fence: Fence) -> str:
        order = ", best first" if self.by_worth else ""
        where = f" in {fence.line(self.place, 300)}" if self.place else ""
        return f"{show.count(len(self.files), 'file')}{where}{order} ([id], name, kind, changed by)"

    def _path(self, one: File) -> str:
        path = self.places.get(one.id, "")
        return "" if path == self.place else path


@dataclass(frozen=True, slots=True)
class Nothing(View):
    """No file; `drives` says what was looked for."""

    said: str

    def text(self, fence: Fence) -> str:
        """Our own words."""
        del fence
        return self.said


@dataclass(frozen=True, slots=True)
class SharedDrives(View):
    """The shared drives that the account is a member of."""

    drives: Sequence[Mapping[str, Any]]
    more: bool

    def text(self, fence: Fence) -> str:
        """A line each."""
        lines = [
            f"[{one['id']}] {quoted(fence, one['name'])}{', hidden' if one.get('hidden') else ''}"
            for one in self.drives
        ]
        rest = ["There are more; they are not shown."] if self.more else []
        first = f"{show.count(len(lines), 'shared drive')}; an id works as folder"
        return "\n".join((first, *lines, *rest))
