"""Imports point downwards: the drawing of CONTRIBUTING.md, as a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS: dict[str, float] = {
    "workspace_mcp.__main__": 13,
    "workspace_mcp.cli": 12,
    "workspace_mcp.listing": 9,
    "workspace_mcp.server": 11,
    "workspace_mcp.stdio": 10,
    "workspace_mcp.recorded": 10,
    "workspace_mcp.asking": 10,
    "workspace_mcp.origins": 3,
    "workspace_mcp.backends": 9,
    "workspace_mcp.discover": 9,
    "workspace_mcp.registry": 8,
    "workspace_mcp.arguments": 7,
    "workspace_mcp.services.workspace": 7,
    "workspace_mcp.services": 6,
    "workspace_mcp.deleting": 4,
    "workspace_mcp.injected": 5,
    "workspace_mcp.tools": 4,
    "workspace_mcp.policy.effects": 2,
    "workspace_mcp.policy.rules": 2.3,
    "workspace_mcp.policy.file": 2.6,
    "workspace_mcp.policy": 4,
    "workspace_mcp.journal": 4.5,
    "workspace_mcp.google": 3,
    "workspace_mcp.credentials": 3,
    "workspace_mcp.demo": 3,
    "workspace_mcp.files": 3,
    "workspace_mcp.growing": 2,
    "workspace_mcp.clock": 3,
    "workspace_mcp.one_click": 3,
    "workspace_mcp.logs": 3,
    "workspace_mcp.settings": 3,
    "workspace_mcp.formats": 2,
    "workspace_mcp.tls": 2,
    "workspace_mcp.scopes": 1,
    "workspace_mcp.errors": 1,
    "workspace_mcp.program": 0,
    "workspace_mcp": 0,
    "auth_cli": 13,
}
"""Package → height. A file belongs to the longest name that it starts with."""

APART = (
    ("workspace_mcp.google", "workspace_mcp.credentials"),
    ("workspace_mcp.google", "workspace_mcp.demo"),
    ("workspace_mcp.credentials", "workspace_mcp.demo"),
)
NEVER = {
    "auth_cli": ("mcp", "workspace_mcp.server", "workspace_mcp.services", "workspace_mcp.registry"),
    "workspace_mcp.demo": ("workspace_mcp.google", "workspace_mcp.services"),
    "workspace_mcp.formats": ("httpx2", "mcp", "google"),
    "workspace_mcp.services": ("httpx2", "mcp", "google", "workspace_mcp.credentials"),
}
ONLY_HTTP = (
    "workspace_mcp.google", "workspace_mcp.demo", "workspace_mcp.credentials", "auth_cli",
    "workspace_mcp.backends",
)  # fmt: skip


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("workspace_mcp", "auth_cli"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    """Every module that the file names in an import, at the top, in a function or for types."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def height(name: str) -> float:
    home = max((package for package in LAYERS if inside(name, package)), key=len)
    return LAYERS[home]


def home(name: str) -> str:
    return max((package for package in LAYERS if inside(name, package)), key=len)


MODULES = tuple(modules())


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_imports_point_downwards(name: str, path: Path) -> None:
    for target in imports(path):
        if not (inside(target, "workspace_mcp") or inside(target, "auth_cli")):
            continue
        same = home(target) == home(name)
        below = height(target) < height(name)
        assert same or below, f"{name} imports {target}, which is not below it"


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_what_must_stay_apart_does(name: str, path: Path) -> None:
    found = tuple(imports(path))
    for one, other in APART:
        for mine, theirs in ((one, other), (other, one)):
            if inside(name, mine):
                assert not [t for t in found if inside(t, theirs)], f"{name} imports {theirs}"
    for package, banned in NEVER.items():
        if inside(name, package):
            assert not [t for t in found for ban in banned if inside(t, ban)]


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_services_never_import_each_other(name: str, path: Path) -> None:
    services = "workspace_mcp.services."
    if not name.startswith(services) or inside(name, services + "workspace"):
        return
    own = services + name.removeprefix(services).split(".")[0]
    other = [t for t in imports(path) if t.startswith(services) and not inside(t, own)]
    assert other == []


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_http_is_spoken_in_few_places(name: str, path: Path) -> None:
    if any(inside(t, "httpx2") for t in imports(path)):
        assert any(inside(name, place) for place in ONLY_HTTP), f"{name} imports httpx2"


ENVIRONMENT = ("workspace_mcp.cli", "auth_cli.main", "auth_cli.__main__")


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_few_places_read_the_environment(name: str, path: Path) -> None:
    text = path.read_text("utf-8")
    if name not in ENVIRONMENT:
        assert "os.environ" not in text.replace("`os.environ`", "")
        assert "os.getenv" not in text
