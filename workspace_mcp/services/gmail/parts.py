"""Bytes of a message's parts that Gmail gives apart from the message."""

from workspace_mcp.errors import GoogleDownError
from workspace_mcp.formats.payload import Leaf, unbase64
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.mailbox import MESSAGES


async def part_bytes(google: Google, message_id: str, leaf: Leaf) -> bytes:
    """The bytes of `leaf`, whole. Its attachment id is short-lived: read the message just before.

    Raises:
        GoogleDownError: fewer or more bytes came than the message promised.
    """
    resource = MESSAGES.item(message_id).sub("attachments").item(leaf.attachment_id)
    answer = await google.get_large(resource, fields="data,size")
    data = unbase64(answer["data"] if leaf.size else answer.get("data", ""))
    if len(data) != int(answer.get("size", len(data))):
        raise GoogleDownError("The attachment did not arrive whole.", "Try again in a minute.")
    return data
