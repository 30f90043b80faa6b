"""`python -m auth_cli`, and the command `workspace-auth`."""

import sys

from auth_cli.main import main


def run() -> None:
    """Run the command and leave with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()
