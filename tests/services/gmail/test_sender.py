"""Address headers, and what speaks against a sender."""

import pytest

from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import Familiar
from workspace_mcp.services.gmail.sender import (
    authenticated,
    author,
    people,
    quoted,
    verdict,
    warnings,
)

PASS = (
    "mx.google.com; dkim=pass header.i=@example.com header.s=s; "
    "spf=pass smtp.mailfrom=a@example.com; dmarc=pass (p=REJECT) header.from=example.com"
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ana@example.com", [("", "ana@example.com")]),
        ("Ana Silva <ana@example.com>", [("Ana Silva", "ana@example.com")]),
        (
            '"Silva, Ana" <ana@example.com>, bo@x.org',
            [("Silva, Ana", "ana@example.com"), ("", "bo@x.org")],
        ),
        ('"Ana \\"A\\" Silva" <ana@example.com>', [('Ana "A" Silva', "ana@example.com")]),
        ("=?utf-8?q?J=C3=B6rg?= <j@example.com>", [("Jörg", "j@example.com")]),
        ("=?utf-8?b?broken <j@example.com>", [("=?utf-8?b?broken", "j@example.com")]),
        ("ana@example.com (Ana, at work)", [("", "ana@example.com")]),
        (
            "Team: ana@example.com, Bo <bo@x.org>;, c@x.org",
            [("", "ana@example.com"), ("Bo", "bo@x.org"), ("", "c@x.org")],
        ),
        ("undisclosed-recipients:;", []),
        ("boss@corp.example <evil@x.org>", [("boss@corp.example", "evil@x.org")]),
        ("Boss <boss@corp.example> <evil@x.org>", [("Boss <boss@corp.example>", "evil@x.org")]),
        ("", []),
        ("<>", [("", "")]),
    ],
)
def test_an_address_header_is_everybody_in_it(header: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.address) for one in people(header)] == expected


def test_a_name_cannot_pose_as_an_address() -> None:
    (person,) = people("Boss <boss@corp.example> <evil@x.org>")

    assert person.text(Fence("1")) == "Boss (boss@corp.example) <evil@x.org>"


def test_a_huge_header_takes_no_time() -> None:
    assert people("(" * 1_000_000) == ()
    assert len(people("a@b.c," * 100_000)) == 16_667


@pytest.mark.parametrize(
    ("results", "sender", "expected"),
    [
        pytest.param(PASS, "ana@example.com", True, id="DMARC passed"),
        pytest.param(
            PASS.replace("dmarc=pass", "dmarc=fail"), "ana@example.com", False, id="DMARC failed"
        ),
        pytest.param("", "ana@example.com", False, id="no result"),
        pytest.param(
            "mx.evil.example; dmarc=pass", "ana@example.com", False, id="another server's word"
        ),
        pytest.param(
            "mx.google.com.evil.example; dmarc=pass",
            "a@example.com",
            False,
            id="a server that looks like Google",
        ),
        pytest.param(
            "mx.google.com; spf=pass smtp.mailfrom=x@bulk.example",
            "a@example.com",
            False,
            id="SPF of another domain",
        ),
        pytest.param(
            "mx.google.com; spf=pass smtp.mailfrom=x@mail.example.com",
            "a@example.com",
            True,
            id="SPF of a part of the domain",
        ),
        pytest.param(
            "mx.google.com; dkim=pass header.i=@example.com",
            "a@example.com",
            True,
            id="DKIM, no DMARC policy",
        ),
        pytest.param(
            "mx.google.com; dmarc=none header.from=example.com; dkim=pass header.d=example.com",
            "a@example.com",
            True,
            id="DKIM, DMARC none",
        ),
        pytest.param(
            "mx.google.com; dkim=pass header.d=notexample.com",
            "a@example.com",
            False,
            id="a domain that ends alike",
        ),
        pytest.param(
            'mx.google.com; spf=fail (said "; dmarc=pass ;" by (x) y) smtp.mailfrom=a@example.com',
            "a@example.com",
            False,
            id="a claim in a comment",
        ),
        pytest.param(
            'mx.google.com; spf=fail smtp.mailfrom="; dmarc=pass"',
            "a@example.com",
            False,
            id="a claim in quotes",
        ),
        pytest.param("mx.google.com; none", "a@example.com", False, id="nothing was checked"),
    ],
)
def test_a_sender_is_who_google_says(results: str, sender: str, expected: bool) -> None:
    assert authenticated(results, sender) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"from": "Ana <a@example.com>", "authentication-results": PASS}, ()),
        ({"from": "Ana <a@example.com>"}, ("not authenticated",)),
        (
            {
                "from": "Ana <a@example.com>",
                "reply-to": "A@Example.com",
                "authentication-results": PASS,
            },
            (),
        ),
        (
            {
                "from": "Ana <a@example.com>",
                "reply-to": "x@evil.example",
                "authentication-results": PASS,
            },
            ("reply-to differs",),
        ),
        (
            {"from": '"boss@corp.example" <a@example.com>', "authentication-results": PASS},
            ("name shows another address",),
        ),
        ({"from": '"a@example.com" <a@example.com>', "authentication-results": PASS}, ()),
    ],
)
def test_what_speaks_against_a_sender_is_said(
    headers: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert warnings(headers, own=False) == expected
    assert warnings(headers, own=True) == ()


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (PASS, ""),
        ("mx.google.com; dmarc=fail header.from=example.com; dkim=pass header.d=x.org", "failed DMARC"),
        ("mx.google.com; spf=softfail smtp.mailfrom=x.org; dkim=neutral", "failed SPF"),
        ("mx.google.com; dkim=fail; spf=fail", "failed SPF and DKIM"),
        ("mx.google.com; spf=none; dkim=none", "not authenticated"),
        ("mx.google.com; dmarc=pass header.from=evil.example", "not authenticated"),
        ("mx.google.com; dmarc=none header.from=example.com; spf=fail", "failed SPF"),
        ("evil.example; dmarc=pass header.from=example.com", "not authenticated"),
        ("mx.google.com.evil.example; dmarc=pass", "not authenticated"),
        ("(mx.google.com) evil.example; dmarc=pass", "not authenticated"),
        ("", "not authenticated"),
        (";" * 100_000, "not authenticated"),
    ],
)  # fmt: skip
def test_what_google_found_is_said_in_few_words(results: str, expected: str) -> None:
    assert verdict(results, "a@example.com") == expected


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("Ana <a@example.com>", "a@example.com"),
        ('"Boss" <boss@corp.example>, <evil@x.org>', "evil@x.org"),
        ("boss@corp.example, evil@x.org", "evil@x.org"),
        ("evil@x.org (=?utf-8?q?x?=)", "evil@x.org"),
    ],
)
def test_the_sender_is_the_last_of_a_header_whose_name_holds_others(
    header: str, address: str
) -> None:
    found = author(header)

    assert found is not None
    assert found.address == address


def test_an_address_before_the_senders_is_somebody_elses() -> None:
    headers = {
        "from": '"Boss" <boss@corp.example>, <a@example.com>',
        "authentication-results": PASS,
    }

    assert warnings(headers, own=False) == ("name shows another address",)


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ("noreply@example.com", ()),
        ("help@desk.example.com", ()),
        ("x@partner.org", ()),
        ("x@gmail.com", ("reply-to differs",)),
        ("a@example.com, x@evil.org", ("reply-to differs",)),
    ],
)
def test_answers_to_the_same_organisation_or_to_the_known_are_in_order(
    replies: str, expected: tuple[str, ...]
) -> None:
    headers = {"from": "a@example.com", "reply-to": replies, "authentication-results": PASS}
    familiar = Familiar.of(["me@home.org"], ["y@partner.org"])

    assert warnings(headers, own=False, familiar=familiar) == expected


def test_mail_that_google_never_judged_is_let_be_where_asked() -> None:
    assert warnings({"from": "a@example.com"}, own=False, checked_only=True) == ()


def test_nothing_closes_a_quote() -> None:
    assert quoted('a" [id] "b') == "\"a' [id] 'b\""
