"""The demo's Drive behaves as Google's does, errors included."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import ME, NOW
from tests.contract import Contract
from workspace_mcp.demo.drive.call import DRIVE, FILE, READONLY
from workspace_mcp.demo.drive.query import Searchable, understand
from workspace_mcp.demo.drive.records import DOC, FOLDER, SHEET, SHORTCUT, Permission
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.http import Refusal, Request
from workspace_mcp.demo.scenario import dump, load
from workspace_mcp.demo.world import World
from workspace_mcp.errors import UsageError

HOST = "www.googleapis.com"
BO = "bo@example.com"
Answer = tuple[int, dict[str, Any]]


class Caller:
    """Calls the demo as a program does; every call and answer is held to Google's documents."""

    def __init__(self, world: World, contract: Contract, token: str) -> None:
        self._world, self._contract, self._token = world, contract, token

    def __call__(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: str
    ) -> Answer:
        data = b"" if body is None else json.dumps(body).encode()
        url = f"https://{HOST}/drive/v3/{path}?{urlencode(query)}"
        known = self._contract.check_request(method, url, data, "application/json")
        answer = self._world.handle(
            Request(
                method, HOST, f"/drive/v3/{path}", tuple(query.items()),
                {"authorization": f"Bearer {self._token}", "content-type": "application/json"}, data,
            )
        )  # fmt: skip
        self._contract.check_answer(known, answer.status, answer.body)
        return answer.status, json.loads(answer.body) if answer.body else {}


@pytest.fixture
def drive(world: World) -> Drive:
    world.people.append({"email": BO, "name": "Bo Berg"})
    return world.drive(ME)


@pytest.fixture
def call(world: World, contract: Contract, drive: Drive) -> Caller:
    return Caller(world, contract, world.token_for(ME))


def reason(answer: Answer) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["errors"][0]["reason"]


ONE = Searchable(
    name="Budget O'Neil 2026.xlsx",
    text="Total of the spring harvest",
    mime="image/png",
    times={"modifiedTime": NOW, "createdTime": NOW - timedelta(days=9), "viewedByMeTime": None,
           "sharedWithMeTime": None},
    flags={"trashed": False, "starred": True, "sharedWithMe": False},
    people={"parents": frozenset({"F1", "root"}), "owners": frozenset({ME}),
            "writers": frozenset({ME, BO}), "readers": frozenset({ME, BO})},
    properties={"properties": {"k": "v'"}, "appProperties": {}},
    target="",
    visibility="limited",
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", True),
        ("name contains 'bud'", True),
        ("name contains 'udget'", False),
        ("name contains 'budget o'", True),
        ("name = 'budget o\\'neil 2026.xlsx'", True),
        ("name != 'x'", True),
        ("fullText contains 'harvest'", True),
        ("fullText contains 'harv'", False),
        ("fullText contains 'spring total'", True),
        ("fullText contains '\"spring harvest\"'", True),
        ("fullText contains '\"harvest spring\"'", False),
        ("fullText contains 'budget'", True),
        ("mimeType = 'image/png'", True),
        ("mimeType contains 'image/'", True),
        ("mimeType != 'image/png'", False),
        ("'root' in parents and 'F1' in parents", True),
        ("'F2' in parents", False),
        (f"'{ME.upper()}' in owners", True),
        (f"'{BO}' in owners or '{BO}' in writers", True),
        ("trashed = false and starred = true", True),
        ("starred != true", False),
        ("sharedWithMe = true", False),
        ("not sharedWithMe = true", True),
        ("not (starred = true or trashed = true)", False),
        ("modifiedTime > '2026-11-19T00:00:00'", True),
        ("modifiedTime < '2026-11-20T10:30:00+02:00'", False),
        ("createdTime <= '2026-11-12'", True),
        ("viewedByMeTime > '2020-01-01T00:00:00'", False),
        ("properties has { key='k' and value='v\\'' }", True),
        ("appProperties has { key='k' and value='v' }", False),
        ("visibility = 'limited'", True),
        ("name contains 'x' or name contains 'bud' and starred = true", True),
        ("(name contains 'x' or name contains 'bud') and starred = false", False),
    ],
)
def test_queries_mean_what_google_says(query: str, matches: bool) -> None:
    assert understand(query).test(ONE) is matches


@pytest.mark.parametrize(
    "query",
    [
        "name", "name contains", "name contains x", "name like 'x'", "'x' in name", "title = 'x'",
        "name contains 'x' and", "(name contains 'x'", "name contains 'it's'", "trashed = 'x' or",
        "modifiedTime > 'yesterday'", "name > 'x'", "fullText = 'x'", "fullText contains ''",
        "name contains \"x\"", "and name contains 'x'", "budget", "mimeType in 'x'",
    ],
)  # fmt: skip
def test_queries_that_google_refuses_are_refused(query: str) -> None:
    with pytest.raises(Refusal) as refusal:
        understand(query)
    assert (refusal.value.status, refusal.value.reason) == (400, "invalid")


def test_without_fields_little_comes_back(call: Caller, drive: Drive) -> None:
    file = drive.add("a", DOC)

    slim = {"kind": "drive#file", "id": file.id, "name": "a", "mimeType": DOC}
    assert call("GET", f"files/{file.id}")[1] == slim
    assert call("GET", "files")[1] == {
        "kind": "drive#fileList", "incompleteSearch": False, "files": [slim],
    }  # fmt: skip
    assert call("GET", f"files/{file.id}", fields="id,owners/emailAddress")[1] == {
        "id": file.id,
        "owners": [{"emailAddress": ME}],
    }
    assert len(call("GET", f"files/{file.id}", fields="*")[1]) > 20


@pytest.mark.parametrize("path", ["about", "files/{id}/comments"])
def test_some_methods_need_fields(call: Caller, drive: Drive, path: str) -> None:
    file = drive.add("a", DOC)

    assert reason(call("GET", path.format(id=file.id))) == (400, "required")
    assert call("GET", path.format(id=file.id), fields="kind")[0] == 200


def test_words_and_an_order_do_not_go_together(call: Caller) -> None:
    words = "fullText contains 'x'"

    assert reason(call("GET", "files", q=words, orderBy="name")) == (403, "forbidden")
    assert reason(call("GET", "files", orderBy="nonsense")) == (400, "invalid")


def test_pages_come_one_after_the_other(call: Caller, drive: Drive) -> None:
    for number in range(5):
        drive.add(f"f{number}", DOC)

    first = call("GET", "files", pageSize="3", orderBy="name", fields="files(name),nextPageToken")[
        1
    ]
    second = call(
        "GET", "files", pageSize="3", orderBy="name", pageToken=first["nextPageToken"],
        fields="files(name),nextPageToken",
    )[1]  # fmt: skip

    assert [one["name"] for one in first["files"]] == ["f0", "f1", "f2"]
    assert second == {"files": [{"name": "f3"}, {"name": "f4"}]}
    assert reason(call("GET", "files", pageToken="x")) == (400, "invalid")


def test_shared_drives_show_only_to_who_knows_them(call: Caller, drive: Drive) -> None:
    team = drive.store.new_drive("Team", ME)
    file = drive.add("a", DOC, parent=team.id)
    both = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}

    assert reason(call("GET", f"files/{file.id}")) == (404, "notFound")
    found = call(
        "GET", f"files/{file.id}", supportsAllDrives="true", fields="driveId,owners,parents"
    )
    assert found[1] == {"driveId": team.id, "parents": [team.id]}
    assert call("GET", "files")[1]["files"] == []
    assert len(call("GET", "files", None, **both)[1]["files"]) == 1
    assert (
        len(call("GET", "files", None, corpora="drive", driveId=team.id, **both)[1]["files"]) == 1
    )
    assert call("GET", "files", None, corpora="drive", **both)[0] == 400
    assert call("GET", "files", corpora="allDrives")[0] == 403
    assert call("GET", f"files/{team.id}", supportsAllDrives="true")[1]["name"] == "Drive"
    assert call("GET", "drives", fields="drives(id,name)")[1]["drives"] == [
        {"id": team.id, "name": "Team"}
    ]


def test_a_file_has_one_parent_and_no_circles(call: Caller, drive: Drive) -> None:
    outer = drive.folder("outer")
    inner = drive.folder("inner", outer.id)
    file = drive.add("a", DOC, parent=inner.id)

    assert reason(call("PATCH", f"files/{file.id}", {}, addParents=outer.id)) == (
        403,
        "cannotAddParent",
    )
    assert reason(
        call("PATCH", f"files/{outer.id}", {}, addParents=inner.id, removeParents=drive.root.id)
    ) == (403, "cyclicalFolder")
    assert reason(call("POST", "files", {"name": "x", "parents": [inner.id, outer.id]})) == (
        403, "multipleParentsNotSupported",
    )  # fmt: skip
    assert (
        call("PATCH", f"files/{file.id}", {}, addParents=outer.id, removeParents=inner.id)[0] == 200
    )
    assert file.parent == outer.id


def test_permissions_are_inherited_and_say_so(call: Caller, drive: Drive) -> None:
    folder = drive.folder("F")
    drive.share(folder.id, BO, "writer")
    file = drive.add("a", DOC, parent=folder.id)
    fields = "permissions(emailAddress,role,permissionDetails(inherited,inheritedFrom))"

    found = call("GET", f"files/{file.id}/permissions", fields=fields)[1]["permissions"]

    assert found[1] == {
        "emailAddress": BO,
        "role": "writer",
        "permissionDetails": [{"inherited": True, "inheritedFrom": folder.id}],
    }
    identifier = call("GET", f"files/{file.id}/permissions")[1]["permissions"][1]["id"]
    assert reason(call("DELETE", f"files/{file.id}/permissions/{identifier}")) == (
        403, "cannotModifyInheritedPermission",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "query", "refused"),
    [
        ({"type": "user", "role": "reader"}, {}, (400, "badRequest")),
        ({"type": "user", "role": "king", "emailAddress": BO}, {}, (400, "badRequest")),
        ({"type": "anyone", "role": "reader"}, {"sendNotificationEmail": "false"}, (400, "badRequest")),
        ({"type": "user", "role": "owner", "emailAddress": BO}, {}, (403, "forbidden")),
        ({"type": "user", "role": "owner", "emailAddress": BO},
         {"transferOwnership": "true", "sendNotificationEmail": "false"}, (403, "forbidden")),
        ({"type": "anyone", "role": "reader", "expirationTime": "2026-12-01T00:00:00Z"}, {},
         (403, "cannotSetExpiration")),
        ({"type": "user", "role": "reader", "emailAddress": BO, "expirationTime": "2028-12-01T00:00:00Z"},
         {}, (403, "cannotSetExpiration")),
    ],
)  # fmt: skip
def test_grants_that_google_refuses_are_refused(
    call: Caller, drive: Drive, body: dict[str, Any], query: dict[str, str], refused: Any
) -> None:
    file = drive.add("a", DOC)

    assert reason(call("POST", f"files/{file.id}/permissions", body, **query)) == refused
    assert len(file.permissions) == 1


def test_expired_access_is_none(call: Caller, drive: Drive) -> None:
    file = world_file(drive)
    file.permissions.append(Permission("user", ME, "reader", expires=NOW - timedelta(days=1)))

    assert reason(call("GET", f"files/{file.id}")) == (404, "notFound")


def world_file(drive: Drive) -> Any:
    """A file of Bo's."""
    return Drive(BO, drive.store).add("theirs", "text/plain", content="x")


def test_a_reader_may_read_star_and_nothing_else(call: Caller, drive: Drive) -> None:
    file = world_file(drive)
    drive.share(file.id, ME, "reader")

    assert call("PATCH", f"files/{file.id}", {"starred": True})[0] == 200
    for answer in (
        call("PATCH", f"files/{file.id}", {"name": "mine"}),
        call("DELETE", f"files/{file.id}"),
        call("GET", f"files/{file.id}/permissions"),
        call("POST", f"files/{file.id}/comments", {"content": "x"}, fields="id"),
        call("GET", f"files/{file.id}/revisions"),
    ):
        assert reason(answer) == (403, "insufficientFilePermissions")


def test_googles_own_types_are_exported_and_not_downloaded(call: Caller, drive: Drive) -> None:
    doc = drive.add("Doc", DOC, content="x")
    file = drive.add("a.txt", "text/plain", content="x")

    assert reason(call("GET", f"files/{doc.id}", alt="media")) == (403, "fileNotDownloadable")
    assert reason(call("GET", f"files/{file.id}/export", mimeType="text/plain")) == (
        403, "fileNotExportable",
    )  # fmt: skip
    assert reason(call("GET", f"files/{doc.id}/export", mimeType="image/png")) == (
        400,
        "badRequest",
    )


def test_a_spreadsheet_exports_its_first_sheet_alone_as_csv(world: World, drive: Drive) -> None:
    file = drive.add("S", SHEET, content="[sheet A]\na,1\n[sheet B]\nb,2")
    path = f"/drive/v3/files/{file.id}/export"
    token = {"authorization": f"Bearer {world.token_for(ME)}"}

    answer = world.handle(Request("GET", HOST, path, (("mimeType", "text/csv"),), token))

    assert answer.body == b"a,1\r\n"


def test_ranges_are_served_and_bad_ones_refused(world: World, drive: Drive) -> None:
    file = drive.add("a.bin", "application/octet-stream", content=b"0123456789")
    path, query = f"/drive/v3/files/{file.id}", (("alt", "media"),)
    token = {"authorization": f"Bearer {world.token_for(ME)}"}

    part = world.handle(Request("GET", HOST, path, query, {**token, "range": "bytes=4-"}))
    beyond = world.handle(Request("GET", HOST, path, query, {**token, "range": "bytes=10-"}))

    assert (part.status, part.body, part.headers["content-range"]) == (
        206,
        b"456789",
        "bytes 4-9/10",
    )
    assert beyond.status == 416


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        ({READONLY}, "GET", "files", 200), ({READONLY}, "PATCH", "files/{id}", 403),
        ({FILE}, "PATCH", "files/{id}", 200), (set(), "GET", "files", 403),
        ({READONLY}, "POST", "files/{id}/comments", 403), ({DRIVE}, "DELETE", "files/{id}", 204),
    ],
)  # fmt: skip
def test_every_method_asks_for_its_permission(
    world: World, contract: Contract, drive: Drive, scopes: set[str], method: str, path: str,
    status: int,
) -> None:  # fmt: skip
    file = drive.add("a", DOC)
    call = Caller(world, contract, world.token_for(ME, frozenset(scopes)))
    body = {} if method == "PATCH" else {"content": "x"} if method == "POST" else None

    answer = call(method, path.format(id=file.id), body)

    assert answer[0] == status
    if status == 403:
        assert reason(answer) == (403, "insufficientPermissions")


def test_a_batch_reads_many_files(world: World, drive: Drive) -> None:
    file = drive.add("a", DOC)
    inner = f"GET /drive/v3/files/{file.id}?fields=name HTTP/1.1\r\n\r\n"
    body = f"--b\r\nContent-Type: application/http\r\nContent-ID: <p0>\r\n\r\n{inner}\r\n--b--".encode()
    headers = {
        "authorization": f"Bearer {world.token_for(ME)}",
        "content-type": "multipart/mixed; boundary=b",
    }

    answer = world.handle(Request("POST", HOST, "/batch/drive/v3", (), headers, body))

    assert b'{"name": "a"}' in answer.body


def test_a_locked_file_cannot_be_changed(call: Caller, drive: Drive) -> None:
    file = drive.add("a", DOC)
    call("PATCH", f"files/{file.id}", {"contentRestrictions": [{"readOnly": True}]})

    assert reason(call("PATCH", f"files/{file.id}", {"name": "b"})) == (
        403,
        "fileContentRestricted",
    )


def test_a_switched_off_api_names_where_to_switch_it_on(call: Caller, world: World) -> None:
    world.disabled.add("drive.googleapis.com")

    assert reason(call("GET", "files")) == (403, "accessNotConfigured")


def test_a_demo_file_gives_a_drive_that_is_the_same_after_saving(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text(
        json.dumps(
            {
                "accounts": [{"email": ME}], "people": [{"email": BO, "name": "Bo"}],
                "drives": [{"key": "t", "name": "Team", "members": [{"who": ME, "role": "organizer"}]}],
                "files": [
                    {"key": "f", "name": "F", "type": "folder", "shared": [{"who": BO, "role": "writer"}]},
                    {"key": "d", "name": "D", "type": "doc", "folder": "f", "text": ["a", "b"],
                     "starred": True, "description": "x", "properties": {"k": "v"}, "viewed": "-1h",
                     "versions": [{"date": "-3d", "text": "old", "account": BO}],
                     "comments": [{"by": BO, "text": "c", "quote": "a", "resolved": True,
                                   "replies": [{"by": ME, "text": "r", "action": "resolve"}]}]},
                    {"name": "p.pdf", "type": "application/pdf", "sample": "pdf", "text": "P",
                     "shared": [{"who": "anyone"}, {"who": "example.org", "discoverable": True},
                                {"who": "x@example.org", "expires": "2026-12-01"}], "trashed": True},
                    {"name": "s", "type": "shortcut", "target": "d"},
                    {"name": "in team", "type": "text/plain", "folder": "t", "text": "x"},
                    {"name": "Bo's", "type": "doc", "account": BO, "shared": [{"who": ME}]},
                ],
            }
        )
    )  # fmt: skip

    first = dump(load(file, now=NOW))
    again = tmp_path / "again.json"
    again.write_text(first)

    assert dump(load(again, now=NOW)) == first
    assert [one["name"] for one in json.loads(first)["files"]][:1] == ["F"]
    assert len(json.loads(first)["files"]) == 6


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"name": "x", "colour": 1}, "files[0] has no colour"),
        ({"type": "doc"}, "files[0] has no name"),
        ({"name": "x", "folder": "nowhere"}, "files[0]: nothing before it has the key nowhere"),
        ({"name": "x", "sample": "exe"}, "files[0]: 'exe'"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"accounts": [{"email": ME}], "files": [entry]}))

    with pytest.raises(UsageError) as error:
        load(file, now=NOW)
    assert says in str(error.value)


def test_the_sample_company_has_files_of_every_kind() -> None:
    world = load(None, now=NOW)
    main = world.drive(world.accounts()[0])
    kinds = {one.mime for one in world.files.files.values()}

    assert len([one for one in world.files.files.values() if not one.root]) >= 15
    assert {DOC, SHEET, FOLDER, SHORTCUT, "application/pdf", "text/csv", "image/png"} <= kinds
    assert main.root.owner == main.email
