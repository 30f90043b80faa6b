"""A few of the kills of `python -m tests.kills`, which does five hundred."""

import sys
from pathlib import Path

import pytest

from tests.kills import kills


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.xdist_group("many processes")
def test_kills_at_random_moments_leave_nothing_wrong(tmp_path: Path) -> None:
    bad, seen = kills(15, tmp_path)

    assert bad == []
    assert sum(seen.values()) == 6
