"""Reads mail whose parameters break the standard library's reader. No I/O.

A parameter in numbered parts that also comes whole (`name*=…; name*1=…`, RFC 2231) makes
`email.utils.decode_params` of Python 3.11 compare a number with None.
"""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any, Final


class _Old(Message):
    """With compat32: headers as they stand."""

    def get_param(self, param: Any, failobj: Any = None, *more: Any, **named: Any) -> Any:
        """The parameter; `failobj` also where its header cannot be taken apart."""
        try:
            return super().get_param(param, failobj, *more, **named)
        except TypeError:
            return failobj


class _New(EmailMessage):
    """With modern policies: headers decoded."""

    def get_param(self, param: Any, failobj: Any = None, *more: Any, **named: Any) -> Any:
        """The parameter; `failobj` also where its header cannot be taken apart."""
        try:
            return super().get_param(param, failobj, *more, **named)
        except TypeError:
            return failobj


_MODERN: Final = policy.default.clone(message_factory=_New)


def message(data: bytes) -> Message:
    """A mail with its headers as they stand; never fails."""
    return message_from_bytes(data, _class=_Old, policy=policy.compat32)


def modern(data: bytes) -> EmailMessage:
    """A mail with its headers decoded; reading a damaged one can still fail later."""
    return message_from_bytes(data, _class=_New, policy=_MODERN)
