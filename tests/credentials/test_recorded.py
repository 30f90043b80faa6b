"""Files that upstream's own stores wrote, byte for byte (their values replaced)."""

from pathlib import Path

import pytest

from workspace_mcp.credentials.record import Credential

FILES = sorted((Path(__file__).parent.parent / "recorded" / "credentials").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_what_upstream_wrote_is_read_and_written_to_the_same_bytes(file: Path) -> None:
    found = Credential.parse(file.read_bytes())

    assert found.refresh_token == "1//recorded"
    assert found.scopes[1] == "openid"
    assert found.expiry is not None
    assert found.expiry.microsecond == 5
    assert found.render() == file.read_bytes()


def test_both_versions_are_recorded() -> None:
    assert [file.stem for file in FILES] == ["workspace-mcp-1.7.1", "workspace-mcp-2.2.1"]
