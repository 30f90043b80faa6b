"""What is tried under each fault, and how often it happened then."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx2
from mcp.types import CallToolResult

from tests.conftest import BO, ME, text_of
from tests.matrix.stage import ATTACHED, LARGE, STORED, Stage
from tests.services.docs.written import shown
from tests.services.sheets.made import values

DENIES: Final = re.compile(r"(?i)nothing was (changed|stored|made|uploaded)")
ADMITS: Final = re.compile(r"\b(may|might|or not|perhaps)\b")
EMPTY: Final = "200 an empty object"
"""Which is how Google says that a list is empty."""
GONE: Final = frozenset({"404", "410"})
"""Where there is nothing left to delete."""
Call = Callable[[Stage], Awaitable[CallToolResult]]
Aim = Callable[[httpx2.Request], bool]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of a tool. `judge`: what is wrong with what is there now, given the answer."""

    name: str
    call: Call
    judge: Callable[[Stage, str, bool], str]
    aim: Aim | None = None
    """The requests that matter most."""


def _call(tool: str, /, **arguments: Any) -> Call:
    """A call; an argument "$name" stands for the id of what is there already."""

    async def made(one: Stage) -> CallToolResult:
        def meant(value: Any) -> Any:
            if isinstance(value, list):
                return [meant(each) for each in value]
            known = isinstance(value, str) and value.startswith("$")
            return one.ids[value[1:]] if known else value

        return await one.call(tool, **{name: meant(value) for name, value in arguments.items()})

    return made


def _reads(name: str, call: Call, shows: str) -> Operation:
    """An operation that changes nothing; a good answer `shows` something."""

    def judge(one: Stage, text: str, failed: bool) -> str:
        nothing = one.line.fault.name == EMPTY and text.startswith("No ")
        return "" if failed or nothing or shows in text else "LOST"

    return Operation(name, call, judge)


def _saves(name: str, call: Call, whole: bytes, aim: Aim | None = None) -> Operation:
    """An operation that writes a file on this machine."""

    def judge(one: Stage, text: str, failed: bool) -> str:
        del text
        found = one.saved()
        if [data for data in found if data != whole]:
            return "HALF"
        return "" if len(found) == (not failed) else "DOUBLED" if found else "LOST"

    return Operation(name, call, judge, aim)


def _media(request: httpx2.Request) -> bool:
    return request.url.params.get("alt") == "media" or "/attachments/" in request.url.path


def _changes(request: httpx2.Request) -> bool:
    return request.method != "GET" and not request.url.path.startswith("/batch")


def _makes(name: str, call: Call, count: Callable[[Stage], int]) -> Operation:
    """An operation that changes something; `count`: how often it happened."""

    def judge(one: Stage, text: str, failed: bool) -> str:
        times = count(one)
        if times > 1:
            return "DOUBLED"
        if not failed:
            gone = name == "delete" and one.line.fault.name in GONE
            return "" if times or gone else "LOST"
        return "UNTRUE" if times and (DENIES.search(text) or not ADMITS.search(text)) else ""

    return Operation(name, call, judge, _changes)


def _sent(one: Stage) -> int:
    mails = one.world.gmail(ME).mails.values()
    return sum("SENT" in mail.labels and mail.header("Subject") == "Offer" for mail in mails)


def _drafts(one: Stage) -> int:
    return len(one.world.gmail(ME).drafts) - 1


def _archived(one: Stage) -> int:
    return int("INBOX" not in one.world.gmail(ME).find(one.ids["mail"]).labels)


def _trashed(one: Stage) -> int:
    return int("TRASH" in one.world.gmail(ME).find(one.ids["mail"]).labels)


def _labels(one: Stage) -> int:
    return sum(found.name == "Work" for found in one.world.gmail(ME).user_labels())


def _uploaded(name: str, data: bytes, one: Stage) -> int:
    found = one.named(name)
    return 99 if [each for each in found if each != data] else len(found)


def _shared(one: Stage) -> int:
    store = one.world.drive(ME).store
    told = len([mail for mail in store.mails if BO in str(mail)])
    return max(told, sum(each.who == BO for each in store.files[one.ids["file"]].permissions))


def _comments(one: Stage) -> int:
    return len(one.world.drive(ME).store.files[one.ids["file"]].comments)


def _text(one: Stage) -> int:
    return shown(one.world.docs(ME).documents[one.ids["doc"]]).count("Second line.")


def _rows(one: Stage) -> int:
    book = one.world.sheets(ME).spreadsheets[one.ids["book"]]
    return sum(row[:1] == ["Cy"] for row in values(book, "Sheet1!A1:B99"))


def _cells(one: Stage) -> int:
    book = one.world.sheets(ME).spreadsheets[one.ids["book"]]
    return int(values(book, "Sheet1!D1") == [["x"]])


OPERATIONS: Final = (
    _reads("search", _call("gmail_search", query="in:inbox"), '"Hello"'),
    _reads("read", _call("gmail_read", ids=["$mail"]), "Please pay."),
    _saves("download", _call("gmail_attachment", message_id="$mail", name="1", **{"as": "file"}), ATTACHED, _media),
    _makes("modify", _call("gmail_modify", ids=["$mail"], action="archive"), _archived),
    _makes("draft", _call("gmail_draft", to=[BO], subject="New", body="x"), _drafts),
    _makes("send", _call("gmail_send", to=[BO], subject="Offer", body="x"), _sent),
    _makes("send draft", _call("gmail_send", draft_id="$draft"), _sent),
    _makes("label", _call("gmail_settings_set", what="label", values={"name": "Work"}), _labels),
    _makes("delete", _call("workspace_delete", kind="message", ids=["$mail"]), _trashed),
    _reads("find", _call("drive_search", query="stored"), "stored.bin"),
    _reads("open", _call("drive_read", file="$doc"), "First line."),
    _saves("save", _call("drive_read", file="$file", save="."), STORED, _media),
    _saves("export", _call("drive_read", file="$doc", save="plan", format="md"), b"First line."),
    _makes("upload", _call("drive_upload", path="big.bin"), partial(_uploaded, "big.bin", LARGE)),
    _makes("put", _call("drive_upload", content="x", name="a.txt"), partial(_uploaded, "a.txt", b"x")),
    _makes("share", _call("drive_share", file="$file", action="grant", who=[BO], role="reader"), _shared),
    _makes("comment", _call("comment", file="$file", action="add", text="Hi"), _comments),
    _makes("copy", _call("drive_organize", action="copy", files=["$file"], name="b.bin"),
           partial(_uploaded, "b.bin", STORED)),
    _reads("docs read", _call("docs_read", doc="$doc"), "First line."),
    _makes("docs edit", _call("docs_edit", doc="$doc", edits=[{"after": "First line.", "new": "Second line."}]), _text),
    _makes("docs new", _call("docs_create", title="New", markdown="x"),
           lambda one: sum(doc.title == "New" for doc in one.world.docs(ME).documents.values())),
    _reads("rows", _call("sheets_read", sheet="$book", ranges=["Sheet1!A1:B2"]), "Ana"),
    _makes("append", _call("sheets_write", sheet="$book", range="Sheet1", mode="append", rows=[["Cy", "2"]]), _rows),
    _makes("cells", _call("sheets_write", sheet="$book", range="Sheet1!D1", rows=[["x"]]), _cells),
    _makes("sheets new", _call("sheets_create", title="New", tabs={"A": [["x"]]}),
           lambda one: sum(book.properties["title"] == "New" for book in one.world.sheets(ME).spreadsheets.values())),
)  # fmt: skip


def words(result: CallToolResult) -> str:
    """What a model reads of a result."""
    return text_of(result)
