"""Finding files.

Source: developers.google.com/workspace/drive/api/guides/search-files,
…/reference/rest/v3/files/list
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, InvalidRequestError
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive import query as terms
from workspace_mcp.services.drive.below import below, inside
from workspace_mcp.services.drive.files import DRIVES, FIELDS, FILES, File, fetched, word
from workspace_mcp.services.drive.kinds import Type
from workspace_mcp.services.drive.listing import Found, Nothing, SharedDrives
from workspace_mcp.services.drive.locating import locate
from workspace_mcp.services.drive.paths import path_of, paths
from workspace_mcp.tools import Clock, Effect, Tier, View, tool

Way = Literal["recent", "starred", "shared", "trash", "drives"]
_ORDERS: Final[Mapping[str, str]] = {
    "modified": "modifiedTime desc", "name": "folder,name_natural", "size": "quotaBytesUsed desc",
    "created": "createdTime desc", "viewed": "viewedByMeTime desc",
}  # fmt: skip
Order = Literal["modified", "name", "size", "created", "viewed"]
_TERMS: Final[Mapping[str, str]] = {"starred": "starred = true", "shared": "sharedWithMe = true"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list of Google's: what matches, in which order, where it is looked for."""

    query: str
    order: str | None
    drive: str
    everywhere: bool


@tool(title="Find files", effect=Effect.READS, tier=Tier.CORE)
async def drive_search(
    google: Google,
    clock: Clock,
    query: Annotated[str, Field(description="Words, or Drive's q syntax.")] = "",
    folder: Annotated[str | None, Field(description="Id, URL or /path; root is My Drive.")] = None,
    view: Way | None = None,
    type: Type | None = None,
    owner: Annotated[str | None, Field(description="E-mail or me.")] = None,
    after: Annotated[str | None, Field(description="Changed since, 2026-11-20.")] = None,
    before: str | None = None,
    order: Order | None = None,
    max: Annotated[int, Field(ge=1, le=100)] = 25,
    page: str | None = None,
) -> View:
    """Find or list files in My Drive and shared drives, with path, owner, sharing, id.

    A folder alone is listed; with a query, type, owner or date, all below it is searched.
    """
    if view == "drives":
        return await _drives(google)
    place = File.from_api(await fetched(google, await locate(google, folder))) if folder else None
    if place is not None and place.target:
        place = File.from_api(await fetched(google, place.target))
    if place is not None and not place.folder:
        raise ArgumentError("That is no folder.", "drive_read reads a file.")
    if owner not in {None, "me"} and "@" not in (owner or ""):
        raise ArgumentError("owner is no e-mail address.", "Or me, for this account.")
    given = [
        terms.of_type(type) if type else "",
        f"{word(google.account if owner == 'me' else owner)} in owners" if owner else "",
        f"modifiedTime >= '{terms.bound('after', after, clock.zone)}'" if after else "",
        f"modifiedTime <= '{terms.bound('before', before, clock.zone, end=True)}'"
        if before
        else "",
    ]
    searched = bool(query.strip() or any(given))
    folders, all_of_them = await _folders(google, place, searched=searched)
    asked = _asked(query.strip(), [*given, inside(folders) if folders else ""], place, view, order)
    answer = await _listed(google, asked, max, page)
    files = [File.from_api(one) for one in answer.get("files", ())]
    if not files and not answer.get("nextPageToken"):
        said = _nothing(page, view, incomplete=bool(answer.get("incompleteSearch")))
        several = len(query.split()) > 1 and not page
        return Nothing(f"{said} Every word must be there: fewer find more." if several else said)
    return Found(
        files=files,
        places=await paths(google, files),
        place=await path_of(google, place.id) if place else "",
        zone=clock.zone,
        by_worth=asked.order is None and bool(query),
        deeper=not all_of_them,
        incomplete=bool(answer.get("incompleteSearch")),
        next_page=answer.get("nextPageToken"),
    )


async def _listed(google: Google, asked: Asked, most: int, page: str | None) -> Mapping[str, Any]:
    """A page of Google's list.

    Raises:
        ArgumentError: Google does not understand the query or the page.
    """
    try:
        return await google.get(
            FILES, q=asked.query, orderBy=asked.order, pageSize=most, pageToken=page,
            supportsAllDrives=True, includeItemsFromAllDrives=True,
            corpora="drive" if asked.drive else "allDrives" if asked.everywhere else None,
            driveId=asked.drive or None,
            fields=f"files({FIELDS}),nextPageToken,incompleteSearch",
        )  # fmt: skip
    except InvalidRequestError as error:
        if page:
            raise ArgumentError(
                "Google does not take that page any more.", "Search again without page."
            ) from error
        raise ArgumentError(
            "Google does not understand that query.",
            "Give plain words, or q syntax: name contains 'May' and modifiedTime > '2026-01-31T00:00:00'.",
        ) from error


async def _folders(
    google: Google, place: File | None, *, searched: bool
) -> tuple[Sequence[str], bool]:
    """The folders in which is looked, and whether these are all; none for everywhere.

    A folder alone is listed. A search goes through all below it; through a whole shared drive at once.
    """
    if place is None:
        return (), True
    if not searched:
        return [place.id], True
    return ((), True) if place.id == place.drive else await below(google, place)


def _asked(
    query: str, given: Sequence[str], place: File | None, view: Way | None, order: Order | None
) -> Asked:
    """The list to ask Google for."""
    raw = terms.is_query(query)
    own = f"({query})" if raw else terms.words(query)
    trashed = f"trashed = {'true' if view == 'trash' else 'false'}"
    if raw and terms.names_term(query, "trashed"):
        trashed = ""
    parts = [
        own,
        *given,
        _TERMS.get(view or "", ""),
        trashed,
    ]
    by_worth = terms.names_term(own, "fullText")
    if by_worth and order:
        raise ArgumentError(
            "Google gives what was found by words in its own order alone.",
            "Leave order away, or search by name: name contains 'May'.",
        )
    wanted = order or ("name" if place else "viewed" if view == "recent" else "modified")
    if view == "recent" and not order:
        parts.append("viewedByMeTime > '1970-01-02T00:00:00'")
    return Asked(
        terms.joined(parts),
        None if by_worth else _ORDERS[wanted],
        place.drive if place else "",
        everywhere=view not in {"recent", "starred", "shared"} and place is None,
    )


def _nothing(page: str | None, view: Way | None, *, incomplete: bool) -> str:
    said = "No more files match." if page else "No file matches."
    if incomplete:
        said += "\nGoogle did not search everywhere: name a folder (a shared drive is one)."
    elif not page and view is None:
        said += "\nThe trash: view=trash."
    return said


async def _drives(google: Google) -> SharedDrives:
    most = 200
    found = [
        one
        async for one in google.pages(
            DRIVES, "drives", most=most + 1, pageSize=100,
            fields="drives(id,name,hidden),nextPageToken",
        )
    ]  # fmt: skip
    return SharedDrives(found[:most], len(found) > most)
