"""Clocks that are wrong, here or at Google."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workspace_mcp.credentials.paths import Places
from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.credentials.tokens import Tokens

ANA = "ana@example.com"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-5), timedelta(hours=-1)])
async def test_tokens_that_are_over_when_they_come_cost_one_refresh_a_call(
    tmp_path: Path, life: timedelta
) -> None:
    asked: list[str] = []

    def refresh(account: str, held: Credential) -> Credential:
        asked.append(account)
        return held.refreshed(f"ya29.{len(asked)}", NOW + life, "")

    store = CredentialStore(Places(tmp_path / "credentials", tmp_path))
    store.write(ANA, Credential("1//r", "id", "s", "ya29.old", expiry=NOW - timedelta(days=1)))
    tokens = Tokens(store, refresh, lambda: NOW)

    found = [await tokens.access_token(ANA) for _ in range(3)]

    assert found == ["ya29.1", "ya29.2", "ya29.3"]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_jumps_costs_one_refresh(tmp_path: Path, hours: int) -> None:
    now = NOW
    asked: list[str] = []

    def refresh(account: str, held: Credential) -> Credential:
        asked.append(account)
        return held.refreshed(f"ya29.{len(asked)}", now + timedelta(hours=1), "")

    store = CredentialStore(Places(tmp_path / "credentials", tmp_path))
    store.write(ANA, Credential("1//r", "id", "s", "ya29.old", expiry=NOW + timedelta(minutes=50)))
    tokens = Tokens(store, refresh, lambda: now)
    before = await tokens.access_token(ANA)

    now = NOW + timedelta(hours=hours)
    jumped = await tokens.access_token(ANA)
    refused = await tokens.access_token(ANA, refused=jumped) if hours < 0 else jumped
    again = await tokens.access_token(ANA)

    assert before == "ya29.old"
    assert refused == again == "ya29.1"
    assert asked == [ANA]
