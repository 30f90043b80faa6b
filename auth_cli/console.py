"""What a person reads: answers on stdout, everything else on stderr."""

import sys


def show(text: str) -> None:
    """What was asked for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Everything said to a person."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
