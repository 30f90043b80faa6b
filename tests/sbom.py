"""Writes sbom.cdx.json, which lies in the wheel: what an installation brings, with versions and hashes.

Versions are those of requirements.lock, that is those that the checks ran with.
Source: cyclonedx.org/specification/overview (1.6), peps.python.org/pep-0770
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
FILE = ROOT / "sbom.cdx.json"


def locked() -> dict[str, tuple[str, list[str]]]:
    """Name → version and hashes, from the lock."""
    text = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    found: dict[str, tuple[str, list[str]]] = {}
    for line in text.splitlines():
        if (match := re.match(r"([a-z0-9.-]+)==([^ ;]+)", line)) is not None:
            found[match[1]] = match[2], re.findall(r"sha256:([0-9a-f]{64})", line)
    return found


def needed(name: str, seen: set[str]) -> Iterator[str]:
    """A distribution's dependencies, theirs included, on any system."""
    for text in metadata.requires(name) or ():
        wish = Requirement(text)
        if wish.marker is not None and "extra" in str(wish.marker):
            continue
        key = re.sub(r"[-_.]+", "-", wish.name).lower()
        if key in seen:
            continue
        seen.add(key)
        try:
            metadata.distribution(key)
        except metadata.PackageNotFoundError:
            continue  # for another system or Python
        yield key
        yield from needed(key, seen)


def document() -> str:
    """The file's text."""
    versions = locked()
    names = sorted(needed("workspace-mcp", {"workspace-mcp"}))
    components: list[dict[str, Any]] = [
        {
            "type": "library", "name": name, "version": versions[name][0],
            "bom-ref": f"pkg:pypi/{name}@{versions[name][0]}",
            "purl": f"pkg:pypi/{name}@{versions[name][0]}",
            "hashes": [{"alg": "SHA-256", "content": one} for one in versions[name][1]],
        }
        for name in names
    ]  # fmt: skip
    whole = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "name": "workspace-mcp", "bom-ref": "workspace-mcp"}},
        "components": components,
    }  # fmt: skip
    return json.dumps(whole, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
    sys.exit(0)
