"""What only Google can say: clock, names, proxy, certificates, clients, sign-ins, APIs."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.request import getproxies

import httpx2

from auth_cli.accounts import access
from auth_cli.apis import ASKS, answers
from auth_cli.console import Session
from auth_cli.doctor.finding import Finding, error, ok, skipped, warning
from auth_cli.exits import exit_code, said_of
from auth_cli.oauth.probe import ask, check
from auth_cli.web import TOKENINFO, USERINFO, Answer, Web
from workspace_mcp.credentials.access import Access
from workspace_mcp.credentials.clients import OAuthClient, client_of, kept, names
from workspace_mcp.credentials.refresh import network_error
from workspace_mcp.errors import CredentialFileError, NetworkError, WorkspaceError
from workspace_mcp.scopes import FULL, READ_ONLY, missing
from workspace_mcp.tls import tls_context

HOST: Final = "oauth2.googleapis.com"
SKEW: Final = 120.0
"""Seconds by which this machine's clock may be wrong."""


def look(run: Session) -> Iterator[Finding]:
    """Everything; what depends on something that failed is skipped."""
    yield names_service()
    web = Web(run.environ)
    try:
        answer = web.get(f"{TOKENINFO}?access_token=none")
    except NetworkError as failure:
        yield error("google", failure.what, f"{failure.remedy}\n{_proxy()}".strip(), 9)
        yield skipped("clock, certificate, clients, sign-ins, APIs", "Google is not reached")
        return
    yield ok("google", f"{HOST} answers{', ' + _proxy() if _proxy() else ''}")
    yield clock(answer)
    yield certificate(run)
    yield from clients(run, web)
    yield from accounts(run, web)


def _proxy() -> str:
    """The proxy in force, without what may be secret in its address."""
    found = getproxies().get("https", "")
    return f"by the proxy {found.rpartition('@')[2]}" if found else ""


def names_service() -> Finding:
    """DNS; a proxy would do that for us."""
    if getproxies().get("https"):
        return skipped("names", "the proxy looks them up")
    try:
        socket.getaddrinfo(HOST, 443)
    except OSError as failure:
        return error(
            "names", f"{HOST} is not found ({failure.strerror})", "Look at the network.", 9
        )
    return ok("names", f"{HOST} is found")


def clock(answer: Answer) -> Finding:
    """This machine's clock beside Google's."""
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return skipped("clock", "Google's answer has no time")
    off = (datetime.now(UTC) - theirs).total_seconds()
    if abs(off) > SKEW:
        where = "ahead" if off > 0 else "behind"
        return error(
            "clock", f"{abs(off):.0f} s {where} of Google's", "Set this machine's clock.", 4
        )
    return ok("clock", f"right within {max(1, round(abs(off)))} s")


def certificate(run: Session) -> Finding:
    """Who vouches for the connection: Google's own authority, or something in between."""
    try:
        with (
            httpx2.Client(verify=tls_context(run.environ)) as http,
            http.stream("GET", f"https://{HOST}/", timeout=5) as answer,
        ):
            stream = answer.extensions["network_stream"]
            inside: ssl.SSLObject = stream.get_extra_info("ssl_object")
            facts = inside.getpeercert() or {}
    except (httpx2.HTTPError, KeyError, AttributeError) as failure:
        return warning("certificate", str(network_error(failure).what))
    parts: Any = facts.get("issuer", ())
    words = {str(part[0][0]): str(part[0][1]) for part in parts if part}
    issuer = words.get("organizationName") or words.get("commonName") or "unknown"
    if "Google Trust Services" in issuer:
        return ok("certificate", "Google's own")
    return warning(
        "certificate", f"issued by {issuer[:80]}: something looks into the connection",
        "It is trusted here. The server needs the same SSL_CERT_FILE in its MCP client's configuration.",
    )  # fmt: skip


def clients(run: Session, web: Web) -> Iterator[Finding]:
    """Whether Google takes each client."""
    found: dict[str, OAuthClient] = {}
    try:
        found = {name: kept(run.places, name) for name in names(run.places)}
        of_environ = client_of(run.environ)
    except WorkspaceError:
        of_environ = None  # said without the network
    if of_environ is not None:
        found["of the environment"] = of_environ
    for name, client in found.items():
        try:
            check(ask(web, client), client)
        except WorkspaceError as failure:
            yield error(f"client {name}", failure.what, failure.remedy, exit_code(failure))
        else:
            yield ok(f"client {name}", "Google takes it")


def accounts(run: Session, web: Web) -> Iterator[Finding]:
    """Each sign-in: does it work, is it whose its file says, what was granted, which APIs are on."""
    try:
        reach = access(run.environ)
        emails = reach.emails()
    except WorkspaceError as failure:
        yield error("accounts", failure.what, failure.remedy, exit_code(failure))
        return
    for email in emails:
        try:
            token = asyncio.run(reach.token(email, reach.stored_token(email)))
        except WorkspaceError as failure:
            says, *fix = said_of(failure).removeprefix("workspace-auth: ").splitlines()
            yield error(email, says, "\n".join(fix), exit_code(failure))
            continue
        yield whose(web, token, email)
        yield from granted(reach, web, token, email)


def whose(web: Web, token: str, email: str) -> Finding:
    """Whether a file holds the sign-in of the account that it is named after."""
    try:
        answer = web.get(USERINFO, token)
    except NetworkError as failure:
        return warning(email, failure.what)
    found = str(answer.body.get("email", "")).lower()
    if answer.status != 200 or not found:
        return ok(email, "Google accepts the sign-in; whose it is, its permissions do not say")
    if found != email:
        return error(
            email, f"this file holds the sign-in of {found}",
            f"    workspace-auth logout {email}\n    workspace-auth login {email}", 5,
        )  # fmt: skip
    return ok(email, "Google accepts the sign-in")


def granted(reach: Access, web: Web, token: str, email: str) -> Iterator[Finding]:
    """Whether the file tells the truth about permissions, and each granted service's API is on."""
    try:
        answer = web.form(TOKENINFO, {"access_token": token})
        stored = reach.granted(email)
    except (NetworkError, CredentialFileError) as failure:
        yield warning(email, failure.what)
        return
    true = frozenset(str(answer.body.get("scope", "")).split()) if answer.status == 200 else stored
    if lacking := missing(sorted(stored), true):
        short = ", ".join(one.rpartition("/")[2] for one in lacking)
        yield warning(
            email, f"the file says that it may {short}, and Google says no",
            f"    workspace-auth login {email}",
        )  # fmt: skip
    services = [
        name for name in ASKS
        if not missing(FULL[name], true) or not missing(READ_ONLY[name], true)
    ]  # fmt: skip
    wrong = [
        (name, what) for name, what in answers(web, token, email, services) if what is not None
    ]
    for name, what in wrong:
        yield error(f"{email} {name}", what.what, what.remedy, exit_code(what))
    if services and not wrong:
        yield ok(email, f"APIs that answer: {', '.join(services)}")
