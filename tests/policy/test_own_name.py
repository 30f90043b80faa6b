"""What stands in one's own settings can be odd: it neither breaks sending nor reaches a header raw."""

from pathlib import Path

import pytest

from tests.conftest import ME
from tests.policy.desk import Desk
from workspace_mcp.policy.rules import Ask, Policy

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[31mMe\x1b[0m", "Me\x00", "Me\r\nBcc: drop@evil.example", "Me\u202e\u200b", "\x9b2JMe",
        'M"e <drop@evil.example>', "Mé, the; first", "", "\x1b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["send", "draft", "from"])
async def test_an_odd_name_of_ones_own_does_not_break_sending(
    tmp_path: Path, name: str, way: str
) -> None:
    one = Desk(tmp_path, "auto", Policy(ask=Ask.NEVER))
    box = one.world.gmail(ME)
    box.send_as[0] |= {"displayName": name, "signature": f"<b>{name}</b>\x1b]0;x\x07"}
    given = {"to": ["bo@elsewhere.org"], "subject": "Hello", "body": "Words."}
    match way:
        case "draft":
            made = await one.call("gmail_draft", **given)
            text = await one.call("gmail_send", draft_id=made.split("[")[1].split("]")[0])
        case "from":
            text = await one.call("gmail_send", **given, **{"from": f"{name} <{ME}>"})
        case _:
            text = await one.call("gmail_send", **given)

    if way == "from" and not text.startswith("Sent."):  # said, not a failure of ours
        assert "bug of the server" not in text
        return
    assert text.startswith("Sent."), text
    assert one.sent() == ["Hello"]
    mail = next(mail for mail in box.mails.values() if "SENT" in mail.labels)
    head = mail.raw.partition(b"\r\n\r\n")[0]
    assert b"\x1b" not in mail.raw
    assert b"\x00" not in head
    assert b"\nBcc:" not in head
    assert mail.header("From").endswith(f"{ME}>") or mail.header("From") == ME
