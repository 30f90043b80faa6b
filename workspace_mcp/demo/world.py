"""The whole demo Workspace: accounts, their tokens, mail, files; host and path → the fake that answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

from workspace_mcp.demo import editors, masks, signin
from workspace_mcp.demo.docs import api as docs_api
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.drive import api as drive_api
from workspace_mcp.demo.drive.call import DRIVE
from workspace_mcp.demo.drive.store import Drive, Store
from workspace_mcp.demo.gmail import api, mime
from workspace_mcp.demo.gmail.letters import recipients
from workspace_mcp.demo.gmail.mailbox import Mailbox
from workspace_mcp.demo.http import Refusal, Request, Response
from workspace_mcp.demo.signin import SignIn

EVERYTHING: Final = frozenset({
    "openid", "https://www.googleapis.com/auth/userinfo.email", api.MODIFY,
    "https://www.googleapis.com/auth/gmail.settings.basic", docs_api.FULL, DRIVE,
})  # fmt: skip
_LIFE: Final = timedelta(hours=1)
_DRIVE: Final = "drive.googleapis.com"
_BATCH: Final = re.compile(r"^/batch/(gmail/v1|drive/v3)$")


@dataclass(frozen=True, slots=True)
class Token:
    """An access token's meaning."""

    account: str
    scopes: frozenset[str]
    ends: datetime


@dataclass(slots=True)
class Fault:
    """An answer that is given instead of the real one, `times` times."""

    status: int
    reason: str
    times: int
    retry_after: str | None = None
    method: str = ""
    path: str = ""


@dataclass
class World:
    """Accounts and what they hold. `now` is the world's clock, `zone` where times are shown."""

    now: Callable[[], datetime]
    zone: tzinfo
    time_zone: str = "UTC"
    people: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    kept: dict[str, Any] = field(default_factory=dict[str, Any])
    """Sections of the scenario for services to come, as they were."""
    boxes: dict[str, Mailbox] = field(default_factory=dict[str, Mailbox])
    requests: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """What was asked: method, path, query without secrets; each call of a batch by itself."""
    disabled: set[str] = field(default_factory=set[str])
    """Hosts whose API is switched off."""
    _tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    _faults: list[Fault] = field(default_factory=list[Fault])
    _count: int = 0

    def __post_init__(self) -> None:
        self.sign_in = SignIn(self.token_for, self.number, self.holder_of, self.revoke)
        self.files = Store(self.number, self.now, self.name_of)
        self.documents = FakeDocs(self.number)
        editors.link(self.files, self.documents)

    def accounts(self) -> list[str]:
        """Every account, the main one first."""
        return list(self.boxes)

    def add_account(self, email: str, name: str = "") -> Mailbox:
        """Another account, with an empty mailbox."""
        box = Mailbox(email.lower(), name, self.number, self.now, self._post)
        self.boxes[box.email] = box
        return box

    def gmail(self, account: str) -> Mailbox:
        """The mailbox of an account."""
        return self.boxes[account.lower()]

    def docs(self, account: str) -> FakeDocs:
        """The Docs of an account: all Docs lie together, each with those who may see it."""
        assert account.lower() in self.boxes
        return self.documents

    def drive(self, account: str) -> Drive:
        """The Drive of an account, or of a colleague who has none here."""
        return Drive(account.lower(), self.files)

    def name_of(self, email: str) -> str:
        """What a person is called; the address's own first part for strangers."""
        if (box := self.boxes.get(email)) and box.name:
            return box.name
        for person in self.people:
            if str(person.get("email", "")).lower() == email:
                return str(person.get("name", ""))
        return email.partition("@")[0]

    def number(self) -> int:
        """1, 2, 3 …: what every id is made of, so that runs are alike."""
        self._count += 1
        return self._count

    def _post(self, sender: Mailbox, raw: bytes) -> None:
        for address in dict.fromkeys(recipients(mime.parse(raw))):
            if box := self.boxes.get(address):
                box.receive(raw)
        del sender

    # Tokens

    def token_for(self, account: str, scopes: frozenset[str] | None = None) -> str:
        """An access token for an hour; the same again for the same wish."""
        wanted = EVERYTHING if scopes is None else frozenset(scopes)
        for text, token in self._tokens.items():
            if token.account == account and token.scopes == wanted and token.ends > self.now():
                return text
        text = f"ya29.demo-{self.number()}"
        self._tokens[text] = Token(account.lower(), wanted, self.now() + _LIFE)
        return text

    def revoke(self, account: str) -> None:
        """Every access token of an account stops working."""
        self._tokens = {
            text: token for text, token in self._tokens.items() if token.account != account.lower()
        }

    def holder_of(self, text: str) -> tuple[str, frozenset[str]] | None:
        """Whose an access token is, with its scopes; None when it is nobody's."""
        token = self._tokens.get(text)
        return (token.account, token.scopes) if token and token.ends > self.now() else None

    def _holder(self, request: Request) -> Token:
        text = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = self._tokens.get(text)
        if token is None or token.ends <= self.now() or token.account not in self.boxes:
            raise Refusal(
                401, "Request had invalid authentication credentials. Expected OAuth 2 access token, "
                "login cookie or other valid authentication credential.",
            )  # fmt: skip
        return token

    # Faults, for tests

    def fail_next(
        self, status: int, reason: str = "", *, times: int = 1, retry_after: str | None = None,
        method: str = "", path: str = "",
    ) -> None:  # fmt: skip
        """The next `times` requests (of that method, with `path` in theirs) are refused."""
        self._faults.append(Fault(status, reason, times, retry_after, method, path))

    def _fault(self, request: Request) -> None:
        for fault in self._faults:
            if fault.times and fault.method in {"", request.method} and fault.path in request.path:
                fault.times -= 1
                headers = {"retry-after": fault.retry_after} if fault.retry_after else {}
                raise Refusal(fault.status, "Injected.", fault.reason, headers=headers)

    # Answers

    def handle(self, request: Request) -> Response:
        """Google's answer to a request."""
        if request.host in {signin.HOST, signin.IDENTITY}:
            return self.sign_in.handle(request)
        try:
            if request.method == "POST" and _BATCH.fullmatch(request.path):
                return self._batch(request)
            return self._single(request)
        except Refusal as refusal:
            return refusal.response()

    def _single(self, request: Request) -> Response:
        query = "&".join(f"{name}={value}" for name, value in request.query)
        self.requests.append((request.method, request.path, query))
        self._fault(request)
        holder = self._holder(request)
        if request.host in self.disabled:
            raise _switched_off(request.host)
        if drive_api.owns(request):
            if _DRIVE in self.disabled:
                raise _switched_off(_DRIVE, "Google Drive API")
            return drive_api.handle(self.files, holder.account, holder.scopes, request)
        if request.host == "gmail.googleapis.com" and "/gmail/v1/users/" in request.path:
            response = api.handle(self.boxes[holder.account], holder.scopes, request)
            return masks.masked(response, request.one("fields"))
        if request.host == docs_api.HOST:
            response = self.documents.handle(holder.account, holder.scopes, request)
            return masks.masked(response, request.one("fields"))
        raise Refusal(404, "The requested URL was not found on this server.")

    def _batch(self, outer: Request) -> Response:
        kind = outer.headers.get("content-type", "")
        whole = BytesParser(policy=HTTP).parsebytes(
            b"Content-Type: " + kind.encode() + b"\r\n\r\n" + outer.body
        )
        parts = [part for part in whole.walk() if part.get_content_type() == "application/http"]
        if not parts or len(parts) > 100:
            raise Refusal(400, "A batch holds 1 to 100 calls.", "badRequest")
        boundary = "batch_demo"
        answers = [self._inner(outer, part) for part in parts]
        body = b"".join(b"--batch_demo\r\n" + one + b"\r\n" for one in answers) + b"--batch_demo--"
        return Response(200, {"content-type": f"multipart/mixed; boundary={boundary}"}, body)

    def _inner(self, outer: Request, part: Message) -> bytes:
        text = part.get_payload(decode=True)
        head, _, body = (text if isinstance(text, bytes) else b"").partition(b"\r\n\r\n")
        method, target, *_ = head.split(b"\r\n")[0].decode().split(" ")
        path, _, query = target.partition("?")
        request = Request(
            method, outer.host, path, tuple(parse_qsl(query, keep_blank_values=True)),
            {**outer.headers, "content-type": "application/json"}, body.strip(),
        )  # fmt: skip
        try:
            answer = self._single(request)
        except Refusal as refusal:
            answer = refusal.response()
        name = str(part.get("Content-ID", "<>")).strip("<>")
        return (
            f"Content-Type: application/http\r\nContent-ID: <response-{name}>\r\n\r\n"
            f"HTTP/1.1 {answer.status} {'OK' if answer.status < 300 else 'Error'}\r\n"
            "Content-Type: application/json; charset=UTF-8\r\n\r\n"
        ).encode() + answer.body


def _switched_off(host: str, name: str = "Gmail API") -> Refusal:
    link = f"https://console.developers.google.com/apis/api/{host}/overview?project=123456789012"
    return Refusal(
        403,
        f"{name} has not been used in project 123456789012 before or it is disabled. Enable it "
        f"by visiting {link} then retry.",
        "accessNotConfigured",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": host, "activationUrl": link},
            }
        ],
    )


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
