"""Every method of Google's APIs is judged, on the safe side."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from workspace_mcp.errors import PolicyError
from workspace_mcp.policy.effects import GUARDED, HOSTS, OUTWARD, Reach, Wire, reach, service_of
from workspace_mcp.policy.rules import Ask, Policy, matches, narrower, own_domain, stricter

APIS = (
    "gmail.v1", "drive.v3", "calendar.v3", "docs.v1", "sheets.v4", "slides.v1", "forms.v1", "tasks.v1",
    "people.v1", "chat.v1", "script.v1", "meet.v2", "customsearch.v1",
)  # fmt: skip


def methods() -> Iterator[tuple[str, Wire]]:
    """Every method of the discovery documents, as a request with plain ids."""
    folder = files("googleapiclient").joinpath("discovery_cache", "documents")
    for name in APIS:
        document: dict[str, Any] = json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
        for method in _methods(document):
            path = "/" + document["servicePath"] + method.get("flatPath", method["path"])
            path = re.sub(r"\{[^}]+\}", "x1", path).replace("//", "/")
            host = re.sub(r"^https://|/.*$", "", document["rootUrl"])
            if name in {"docs.v1", "forms.v1", "people.v1", "sheets.v4"}:
                path = path.replace("{+", "{")
            yield method["id"], Wire(method["httpMethod"], host, path, {})


def _methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from node.get("methods", {}).values()
    for inner in node.get("resources", {}).values():
        yield from _methods(inner)


METHODS = dict(methods())


def test_every_api_and_host_is_there() -> None:
    assert len(METHODS) > 300
    assert {wire.host for wire in METHODS.values()} <= HOSTS


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_judged_by_its_verb_or_worse(name: str) -> None:
    wire = METHODS[name]
    found = reach(wire)

    if wire.method == "GET":
        assert found is Reach.READS
    elif wire.method == "DELETE":
        assert found is not Reach.READS
    elif found is Reach.READS:
        assert name in READING_POSTS


READING_POSTS = {
    "calendar.freebusy.query", "drive.files.download", "sheets.spreadsheets.getByDataFilter",
    "sheets.spreadsheets.values.batchGetByDataFilter",
}  # fmt: skip

OUTGOING = {
    "gmail.users.messages.send": Reach.SENDS, "gmail.users.drafts.send": Reach.SENDS,
    "gmail.users.settings.forwardingAddresses.create": Reach.SHARES,
    "gmail.users.settings.delegates.create": Reach.SHARES,
    "gmail.users.settings.updateAutoForwarding": Reach.SHARES,
    "gmail.users.settings.sendAs.create": Reach.SHARES,
    "gmail.users.watch": Reach.SHARES,
    "gmail.users.messages.batchDelete": Reach.DELETES, "gmail.users.messages.delete": Reach.DELETES,
    "gmail.users.drafts.delete": Reach.DELETES, "gmail.users.messages.trash": Reach.WRITES,
    "drive.permissions.create": Reach.SHARES, "drive.permissions.update": Reach.SHARES,
    "drive.permissions.delete": Reach.WRITES, "drive.files.delete": Reach.DELETES,
    "drive.files.emptyTrash": Reach.DELETES, "drive.changes.watch": Reach.SHARES,
    "drive.files.update": Reach.WRITES,
    "calendar.acl.insert": Reach.SHARES, "calendar.events.insert": Reach.WRITES,
    "calendar.events.delete": Reach.DELETES,
    "chat.spaces.messages.create": Reach.SENDS, "chat.spaces.members.create": Reach.SHARES,
    "script.scripts.run": Reach.RUNS, "script.projects.deployments.create": Reach.SHARES,
    "docs.documents.batchUpdate": Reach.WRITES, "sheets.spreadsheets.values.update": Reach.WRITES,
}  # fmt: skip


@pytest.mark.parametrize(("name", "found"), OUTGOING.items(), ids=OUTGOING)
def test_what_reaches_others_is_known(name: str, found: Reach) -> None:
    assert reach(METHODS[name]) is found


def test_an_invitation_that_google_mails_is_a_sending() -> None:
    wire = METHODS["calendar.events.insert"]

    for query in (
        {"sendUpdates": "all"},
        {"sendUpdates": "externalOnly"},
        {"sendNotifications": "true"},
    ):
        assert reach(Wire(wire.method, wire.host, wire.path, query)) is Reach.SENDS
    assert reach(Wire(wire.method, wire.host, wire.path, {"sendUpdates": "none"})) is Reach.WRITES


def test_a_filter_that_forwards_is_a_sharing() -> None:
    path = "/gmail/v1/users/me/settings/filters"
    body = json.dumps({"action": {"forward": "x@evil.example"}}).encode()

    assert reach(Wire("POST", "gmail.googleapis.com", path, {}, body)) is Reach.SHARES
    assert reach(Wire("POST", "gmail.googleapis.com", path, {}, b"{}")) is Reach.WRITES


@pytest.mark.parametrize(
    "host", ["evil.example", "oauth2.googleapis.com", "storage.googleapis.com", ""]
)
def test_other_hosts_are_never_asked(host: str) -> None:
    with pytest.raises(PolicyError):
        reach(Wire("GET", host, "/x", {}))


@pytest.mark.parametrize("name", METHODS)
def test_each_limit_stops_what_it_names(name: str) -> None:
    wire = METHODS[name]
    found = reach(wire)
    limits = {
        "read_only": (Policy(read_only=True), found is not Reach.READS),
        "no_send": (Policy(no_send=True), found is Reach.SENDS),
        "no_exfil": (Policy(no_exfil=True), found in OUTWARD),
    }
    for policy, stops in limits.values():
        if stops:
            with pytest.raises(PolicyError):
                policy.check_wire(wire)
        else:
            assert policy.check_wire(wire) is found


@pytest.mark.parametrize("name", METHODS)
def test_levels_hold_on_the_wire(name: str) -> None:
    wire = METHODS[name]
    service = service_of(wire)
    if not service:
        return
    policy = Policy(levels={service: frozenset({"readonly"})})
    if reach(wire) is Reach.READS:
        policy.check_wire(wire)
    else:
        with pytest.raises(PolicyError, match="--permissions"):
            policy.check_wire(wire)


def test_what_needs_a_permit_is_all_that_leaves_or_deletes() -> None:
    assert {Reach.SENDS, Reach.SHARES, Reach.RUNS, Reach.DELETES} == GUARDED


@pytest.mark.parametrize(
    ("address", "allowed", "good"),
    [
        ("ana@example.com", {"example.com"}, True),
        ("Ana@Example.com", {"ana@example.com"}, True),
        ("ana@evil.example.com", {"example.com"}, False),
        ("ana@example.com.evil.org", {"example.com"}, False),
        ("example.com@evil.org", {"example.com"}, False),
        ("ana@example.com", set[str](), False),
    ],
)
def test_allow_lists_match_whole_domains(address: str, allowed: set[str], good: bool) -> None:
    assert matches(address, allowed) is good
    policy = Policy(recipients=frozenset(allowed))
    if good:
        policy.check_people(Reach.SENDS, [address])
    else:
        with pytest.raises(PolicyError, match="May not be written to"):
            policy.check_people(Reach.SENDS, [address])


def test_two_limits_together_are_the_narrower_one() -> None:
    assert stricter(Ask.NEVER, Ask.ALL) is Ask.ALL
    assert stricter(None, Ask.NEVER) is Ask.NEVER
    assert stricter(None, None) is Ask.ALL
    assert narrower(frozenset({"a.org", "bo@b.org"}), frozenset({"b.org"})) == {"bo@b.org"}
    assert narrower(None, frozenset({"b.org"})) == {"b.org"}


@pytest.mark.parametrize(
    ("address", "account", "own"),
    [
        ("bo@example.com", "me@example.com", True),
        ("bo@gmail.com", "me@gmail.com", False),
        ("bo@sub.example.com", "me@example.com", False),
    ],
)
def test_consumer_domains_are_nobodys_own(address: str, account: str, own: bool) -> None:
    assert own_domain(address, account) is own
