"""What is asked of Google: the address to open, with everything that ties its answer to us. No I/O.

Source: developers.google.com/identity/protocols/oauth2/native-app; RFC 7636, RFC 8252
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlencode

AUTHORIZE: Final = "https://accounts.google.com/o/oauth2/v2/auth"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in that is under way. `state` and `verifier` are used once.

    `consent`: whether Google is to show its list of permissions again, which makes it give a new
    refresh token; else it only lets the person choose the account.
    """

    redirect_uri: str
    scopes: tuple[str, ...]
    email: str = ""
    consent: bool = True
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @classmethod
    def start(
        cls, redirect_uri: str, scopes: Sequence[str], email: str | None, *, consent: bool = True
    ) -> Self:
        """A new attempt, with fresh secrets."""
        return cls(redirect_uri, tuple(scopes), email or "", consent)

    @property
    def challenge(self) -> str:
        """S256 of the verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @property
    def prompt(self) -> str:
        """What Google is to show, even where it would not have to."""
        chooses = [] if self.email and self.consent else ["select_account"]
        return " ".join([*chooses, *(["consent"] if self.consent else [])])

    def url(self, client_id: str) -> str:
        """The address to open."""
        fields = {
            "client_id": client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": " ".join(self.scopes),
            "state": self.state,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": self.prompt,
        }
        return (
            f"{AUTHORIZE}?{urlencode(fields | ({'login_hint': self.email} if self.email else {}))}"
        )
