"""What an installation brings: few, capped, locked, listed."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests import sbom

ROOT = Path(__file__).parent.parent
MOST = 50
"""Packages of an installation, ours not counted."""


def test_every_dependency_has_a_lower_bound_and_stops_before_a_major_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    every = [*project["dependencies"], *project["optional-dependencies"]["test"]]

    assert [one for one in every if not re.search(r">=\d[\d.]*,<\d+$", one)] == []


def test_the_lock_pins_everything_with_hashes_and_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")

    assert "://" not in text
    assert [name for name, (_, hashes) in sbom.locked().items() if not hashes] == []


def test_few_packages_come_along_and_each_is_locked() -> None:
    names = set(sbom.needed("workspace-mcp", {"workspace-mcp"}))

    assert len(names) <= MOST
    assert names <= set(sbom.locked())


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the list is made with 3.11")
def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    assert sbom.FILE.read_text("utf-8") == sbom.document(), "python -m tests.sbom writes it"


@pytest.mark.xdist_group("many processes")
def test_the_wheel_holds_our_two_packages_and_nothing_that_runs_by_itself(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(ROOT)],
        check=True, timeout=240,
    )  # fmt: skip
    wheel = next(tmp_path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"workspace_mcp", "auth_cli"}
    assert [name for name in names if name.endswith((".pth", ".so", ".exe"))] == []
    assert any(name.endswith("sboms/sbom.cdx.json") for name in names)


def test_the_workflow_takes_no_action_of_others_and_no_rights() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text("utf-8")

        assert re.search(r"^permissions: \{\}$", text, re.MULTILINE), path
        assert "uses:" not in text, path
        assert "pull_request_target" not in text, path
