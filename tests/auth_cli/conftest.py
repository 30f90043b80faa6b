"""Google on loopback, and an environment that leads to it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth_cli.kit import CLIENT
from tests.google_over_tls import LoopbackGoogle
from tests.proxy import GoogleProxy


@pytest.fixture
def google(tmp_path: Path) -> LoopbackGoogle:
    return LoopbackGoogle(tmp_path)


@pytest.fixture
def environ(google: LoopbackGoogle, tmp_path: Path) -> Iterator[dict[str, str]]:
    home = tmp_path / "home"
    home.mkdir()
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps(CLIENT))
    with GoogleProxy(google.handle, tmp_path) as proxy:
        yield {
            **os.environ, **proxy.environ, "HOME": str(home), "NO_PROXY": "127.0.0.1",
            "GOOGLE_CLIENT_SECRET_PATH": str(file), "DISPLAY": "", "BROWSER": "",
        }  # fmt: skip
