"""Every check of the project, in the order in which a failure is cheapest to read."""

import subprocess
import sys
import time

CHECKS = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("basedpyright", "--pythonpath", sys.executable)),
    ("tests", ("pytest", "-n", "auto", "--dist", "loadgroup")),
)


def main() -> int:
    """Run all; 0 when all passed."""
    failed: list[str] = []
    for name, (module, *rest) in CHECKS:
        started = time.monotonic()
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", module, *rest], check=False).returncode:
            failed.append(name)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
