"""How a list says that it can be left."""

import pytest

from workspace_mcp.services.gmail.leaving import Letter, WayOut

ONE = "List-Unsubscribe=One-Click"
SIGNED = {
    "authentication-results": "mx.google.com; dkim=pass header.d=x.example; dmarc=pass",
    "dkim-signature": "v=1; d=x.example; h=From:List-Unsubscribe:List-Unsubscribe-Post; b=abc",
}


@pytest.mark.parametrize(
    ("unsubscribe", "post", "expected"),
    [
        ("<https://x.example/u?t=1>", ONE, "one click at x.example"),
        ("<mailto:leave@x.example>, <https://x.example/u>", ONE, "one click at x.example"),
        ("<https://x.example/u>", "", "only by hand, on a page of x.example"),
        ("<https://x.example/u>, <mailto:leave@x.example>", "", "by mail to leave@x.example"),
        ("<http://x.example/u>", ONE, "only by hand, on a page of x.example"),
        ("<https://127.0.0.1/u>", ONE, "only by hand, on a page of 127.0.0.1"),
        ("<https://x.example:8443/u>", ONE, "only by hand, on a page of x.example"),
        ("<https://a:b@x.example/u>", ONE, "only by hand, on a page of x.example"),
        ("<javascript:alert(1)>", ONE, None),
        ("https://x.example/u", ONE, None),
        ("", ONE, None),
    ],
)
def test_the_best_way_out_is_found(unsubscribe: str, post: str, expected: str | None) -> None:
    way = WayOut.from_headers(
        {"list-unsubscribe": unsubscribe, "list-unsubscribe-post": post, **SIGNED}
    )

    assert (way.text() if way else None) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authentication-results", "mx.google.com; dkim=fail header.d=x.example"),
        ("authentication-results", "mx.evil.example; dkim=pass header.d=x.example"),
        ("authentication-results", ""),
        ("dkim-signature", "v=1; h=From:To:Subject; b=abc"),
        ("dkim-signature", ""),
    ],
)
def test_a_link_that_no_signature_covers_is_said_to_be_unsigned(name: str, value: str) -> None:
    headers = {"list-unsubscribe": "<https://x.example/u>", "list-unsubscribe-post": ONE, **SIGNED}
    way = WayOut.from_headers({**headers, name: value})

    assert way is not None
    assert way.text() == "one click at x.example, not signed"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mailto:leave@x.example", Letter("leave@x.example", "unsubscribe", "unsubscribe")),
        (
            "MAILTO:leave@x.example?subject=Stop%20it&body=a%0Ab",
            Letter("leave@x.example", "Stop it", "a\nb"),
        ),
        (
            "mailto:leave@x.example?subject=a%0D%0ABcc:%20evil@x.example",
            Letter("leave@x.example", "a Bcc: evil@x.example", "unsubscribe"),
        ),
        (
            "mailto:leave@x.example?cc=all@corp.example&bcc=b@x.example",
            Letter("leave@x.example", "unsubscribe", "unsubscribe"),
        ),
        ("mailto:leave@x.example,boss@corp.example", None),
        ("mailto:leave@x.example%0D%0ABcc:%20evil@x.example", None),
        ("mailto:", None),
        ("mailto:?to=boss@corp.example", None),
        ("https://x.example", None),
        ("mailto:leave@x.example?" + "&".join(["subject=a"] * 100), None),
    ],
)
def test_a_list_chooses_no_more_than_subject_and_text(url: str, expected: Letter | None) -> None:
    assert Letter.from_mailto(url) == expected
