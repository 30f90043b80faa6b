"""Writes requirements.lock: every dependency of the project and its checks, with hashes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = (
    "uv", "pip", "compile", "pyproject.toml", "--extra", "test", "--universal",
    "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-emit-index-url",
    "--no-annotate", "--quiet", "--output-file", "requirements.lock",
)  # fmt: skip


def main() -> int:
    """Resolve and write; `uv` must be installed (pip install uv)."""
    return subprocess.run([sys.executable, "-m", *COMMAND], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
