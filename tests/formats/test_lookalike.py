"""Addresses that pass for others, and those that only happen to be like them."""

import pytest

from workspace_mcp.formats.lookalike import Familiar

KNOWN = Familiar.of(
    ["me@northlight.com"],
    ["mira@harborcafe.org", "anna.silva@gmail.com", "x@sub.partner.co.uk", "info@müller.example"],
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("boss@northIight.com", "looks like northlight.com", id="capital I"),
        pytest.param("boss@north1ight.com", "looks like northlight.com", id="digit for a letter"),
        pytest.param("boss@northlіght.com", "looks like northlight.com", id="Cyrillic і"),
        pytest.param("boss@nоrthlight.com", "looks like northlight.com", id="Cyrillic о"),
        pytest.param("boss@nοrthlight.com", "looks like northlight.com", id="Greek ο"),
        pytest.param("boss@xn--nrthlight-02h.com", "looks like northlight.com", id="punycode"),
        pytest.param("boss@northlíght.com", "looks like northlight.com", id="accent"),
        pytest.param("boss@nortlight.com", "looks like northlight.com", id="one letter less"),
        pytest.param("boss@northlights.com", "looks like northlight.com", id="one letter more"),
        pytest.param("boss@northlicht.com", "looks like northlight.com", id="another letter"),
        pytest.param("boss@nrothlight.com", "looks like northlight.com", id="two swapped"),
        pytest.param("boss@northlight.co", "looks like northlight.com", id="end of a slip"),
        pytest.param("boss@mail.northlights.com", "looks like northlight.com", id="subdomain"),
        pytest.param("a@northlight.com.evil.org", "looks like northlight.com", id="known ahead"),
        pytest.param("mira@harb0rcafe.org", "looks like harborcafe.org", id="of somebody known"),
        pytest.param("mira@harborcafe.org", "", id="known itself"),
        pytest.param("annasilva@gmail.com", "", id="the same mailbox without dots"),
        pytest.param("anna.silva+x@gmail.com", "", id="the same mailbox with a tag"),
        pytest.param("anna.si1va@gmail.com", "looks like anna.silva@gmail.com", id="mailbox"),
        pytest.param("anna.sivla@gmail.com", "looks like anna.silva@gmail.com", id="mailbox swap"),
        pytest.param("hanna.silva@gmail.com", "", id="another mailbox"),
        pytest.param("anna@gmai1.com", "looks like gmail.com", id="shared domain"),
        pytest.param("pay@pаypal.com", "address mixes alphabets", id="mixed letters"),
        pytest.param("pаy@paypal.com", "address mixes alphabets", id="mixed mailbox"),
        pytest.param("x@сосо.com", "address imitates Latin letters", id="all imitated"),
    ],
)  # fmt: skip
def test_who_passes_for_somebody_is_named(address: str, expected: str) -> None:
    assert KNOWN.doubt(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "boss@northlight.com", "boss@mail.northlight.com", "BOSS@NORTHLIGHT.COM", "x@other.org",
        "boss@northlight.org", "news@northwind.com", "x@partner.co.uk", "x@parther.org",
        "x@xn--mller-kva.example", "info@müller.example", "jörg@bäckerei-köln.de", "пётр@почта.рф",
        "иван@яндекс.рф", "li@公司.cn", "a@b.co", "", "@", "x", "x@", "x@.", "@northlight",
        "n@light.com", "x@cafe.org", "x@1.2.3.4", "x@" + "xn--" * 500 + ".com",
    ],
)  # fmt: skip
def test_good_addresses_are_not_marked(address: str) -> None:
    assert KNOWN.doubt(address) == ""


def test_short_names_are_often_alike() -> None:
    short = Familiar.of(["a@ibm.com"], ["b@sap.org"])

    assert [short.doubt(f"x@{one}") for one in ("ubm.com", "ibn.com", "sad.org", "sas.org")] == [
        "", "", "", "",
    ]  # fmt: skip


def test_digits_number_things() -> None:
    numbered = Familiar.of([], ["a@branch01.org"])

    assert numbered.doubt("a@branch02.org") == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("other@harborcafe.org", True), ("x@shop.harborcafe.org", True), ("x@gmail.com", False),
        ("Anna.Silva@gmail.com", True), ("x@harborcafe.com", False), ("x@other.co.uk", False),
    ],
)  # fmt: skip
def test_an_organisation_is_known_by_one_of_its_people(address: str, expected: bool) -> None:
    assert KNOWN.knows(address) is expected


def test_many_correspondents_and_a_long_address_are_bounded() -> None:
    many = Familiar.of(
        ["me@a.org"], (f"x@host{number}.example{number}.org" for number in range(9_999))
    )

    assert len(many.addresses) == 1_000
    assert many.doubt("x@" + "a." * 50_000 + "org") == ""
