"""`workspace-mcp`: flags and environment → Settings → stdio; `tools` prints the table of tools."""

import argparse
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from workspace_mcp import __version__, settings
from workspace_mcp.credentials.paths import places
from workspace_mcp.errors import UsageError
from workspace_mcp.policy import file as policy_file
from workspace_mcp.policy.effects import Reach
from workspace_mcp.policy.rules import BUDGETS, SWITCHES, Ask, Limits, combined, listed
from workspace_mcp.program import program
from workspace_mcp.scopes import SERVICES
from workspace_mcp.settings import LOG_LEVELS, TIERS, Settings

_NO_PORT = "this server opens no port: its client starts it and talks to it over stdio"
_GONE = {
    "--port": f"{_NO_PORT}. Remove the flag.",
    "--host": f"{_NO_PORT}. Remove the flag.",
}

_EPILOG = """\
Signing in is a command of its own: workspace-auth login. Running servers pick it up.
Limits of ~/.google_workspace_mcp/policy.toml hold for every server here, flags or not.
Environment: WORKSPACE_MCP_TOOLS, _TOOL_TIER, _READ_ONLY, _PERMISSIONS, _DISABLED_TOOLS, \
_ALLOWED_TOOLS, _NO_SEND, _NO_EXFIL, _LOCKDOWN, _RECIPIENTS, _SHARE_WITH, _FOLDERS, _ASK, \
_BUDGET, _PER_MINUTE, _CREDENTIALS_DIR, _LOG_LEVEL, _LOG_DIR, USER_GOOGLE_EMAIL, \
ALLOWED_FILE_DIRS, WORKSPACE_ATTACHMENT_DIR, WORKSPACE_MCP_DISABLE_LOCAL_FILES, \
GOOGLE_SERVICE_ACCOUNT_KEY_FILE, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, REQUESTS_CA_BUNDLE. \
A flag wins over its variable.
"""
_AT_A_TERMINAL = (
    "workspace-mcp waits for an MCP client on stdin: agents start it themselves. Ctrl-C ends it.\n"
    "To see what it does: {} try --demo\n"
)


class _Help(argparse.HelpFormatter):
    """Keeps the lines of the epilog, each as wide as the terminal is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            textwrap.fill(
                line, width, initial_indent=indent, subsequent_indent=indent,
                break_long_words=False, break_on_hyphens=False,
            )
            for line in text.splitlines()
        )  # fmt: skip


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong instead of printing a usage block and leaving."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}.", "See workspace-mcp --help.")


def _parser() -> _Parser:
    parser = _Parser(
        prog="workspace-mcp",
        usage="%(prog)s [FLAG ...]\n       %(prog)s tools [--json] [FLAG ...]",
        description="Google Workspace for AI agents, over stdio. "
        "`workspace-mcp tools` lists the tools and leaves.",
        epilog=_EPILOG,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--version", action="version", version=f"workspace-mcp {__version__}")
    add("--tools", nargs="+", metavar="SERVICE", help=f"services to offer: {' '.join(SERVICES)}")
    add("--tool-tier", metavar="TIER", help="core, extended (default) or complete")
    add("--disabled-tools", nargs="+", metavar="TOOL", help="tools not to offer")
    add("--read-only", action="store_true", default=None, help="offer only tools that read")
    add(
        "--permissions",
        nargs="+",
        metavar="SERVICE:LEVEL",
        help="levels by service, such as gmail:drafts; excludes --tools and --read-only",
    )
    add("--allowed-tools", nargs="+", metavar="TOOL", help="the only tools to offer")
    add("--no-send", action="store_true", default=None, help="nothing is sent; drafts are written")
    add("--no-exfil", action="store_true", default=None, help="nothing leaves the account at all")
    add(
        "--recipients",
        nargs="+",
        metavar="WHO",
        help="addresses and domains to write to, no others",
    )
    add("--share-with", nargs="+", metavar="WHO", help="addresses and domains to share with")
    add(
        "--folders",
        nargs="+",
        metavar="ID",
        help="Drive folders (ids or URLs) whose files may be touched, no others",
    )
    add(
        "--lockdown",
        action="store_true",
        default=None,
        help="withhold the text of mail from people whom the account never wrote to",
    )
    add(
        "--ask",
        metavar="WHEN",
        help="ask the person before sending, sharing, deleting: all (default), first-contact, never",
    )
    add("--budget", nargs="+", metavar="KIND=N", help="most a day, such as sends=20 deletes=50")
    add("--per-minute", metavar="N", help="most changes a minute; default 300")
    add("--account", metavar="EMAIL", help="the only account that this server may use")
    add("--files", nargs="+", metavar="DIR", help="folders whose files may be attached or uploaded")
    add("--downloads", metavar="DIR", help="folder for downloads")
    add(
        "--demo",
        nargs="?",
        const="",
        metavar="FILE",
        help="a Workspace in memory instead of Google's, from FILE or a sample company",
    )
    add("--demo-now", metavar="TIME", help="the demo's clock, such as 2026-11-20T09:30:00Z")
    add("--demo-save", metavar="FILE", help="write the demo's whole state to FILE at the end")
    add("--log-level", metavar="LEVEL", help=f"{', '.join(LOG_LEVELS)}; default warning")
    add("--log-file", metavar="FILE", help="write the log to FILE instead of stderr")
    add("--transport", metavar="stdio", help="stdio is all there is")
    add("--single-user", action="store_true", help="accepted and not needed: see --account")
    return parser  # fmt: skip


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Flags and environment as one value; a flag wins over its variable.

    Raises:
        UsageError: something in either cannot be used.
        SystemExit: `--help` or `--version` was asked for and answered.
    """
    for argument in arguments:
        name = argument.partition("=")[0]
        if name in _GONE:
            raise UsageError(f"{name}: {_GONE[name]}")
    given = _parser().parse_args(list(arguments))
    if given.transport not in {None, "stdio"}:
        raise UsageError(
            f"--transport {given.transport}: {_NO_PORT}.",
            "Remove the flag, and let the MCP client start workspace-mcp as a command.",
        )
    settings.refuse_foreign(environ)
    levels = _levels(given, environ)
    limits = policy_file.read(places(environ).policy)
    flags = _limits(given, environ)
    policy = combined(flags, limits, levels)
    named = given.tools or settings.words(environ, "WORKSPACE_MCP_TOOLS")
    return Settings(
        services=tuple(levels) if levels else settings.services(named),
        tier=settings.tier(given.tool_tier or environ.get("WORKSPACE_MCP_TOOL_TIER") or "extended"),
        read_only=policy.read_only,
        disabled=frozenset(
            given.disabled_tools or settings.words(environ, "WORKSPACE_MCP_DISABLED_TOOLS")
        )
        | limits.lists.get("disabled_tools", frozenset()),
        allowed=_allowed(given, environ, limits),
        levels=levels,
        policy=policy,
        limits=flags,
        standing=limits.standing,
        account=_email(given.account, "--account"),
        default_account=_email(environ.get("USER_GOOGLE_EMAIL"), "USER_GOOGLE_EMAIL"),
        **_demo(given),
        **_files(given, environ),
        **_log(given, environ),
        environ=environ,
    )


def _limits(given: argparse.Namespace, environ: Mapping[str, str]) -> Limits:
    """What flags and variables say."""
    switches = (
        name for name in SWITCHES
        if getattr(given, name) or settings.flag(environ, f"WORKSPACE_MCP_{name.upper()}")
    )  # fmt: skip
    lists: dict[str, frozenset[str]] = {}
    for name, flag in (("recipients", "recipients"), ("share_domains", "share_with"),
                       ("folders", "folders")):  # fmt: skip
        variable = f"WORKSPACE_MCP_{flag.upper()}"
        if named := getattr(given, flag) or settings.words(environ, variable):
            try:
                lists[name] = frozenset(listed(name, one) for one in named)
            except ValueError as error:
                raise UsageError(f"--{flag}: {error}.") from error
    asked = given.ask or environ.get("WORKSPACE_MCP_ASK")
    budgets = _budgets(given.budget or settings.words(environ, "WORKSPACE_MCP_BUDGET"))
    pace = given.per_minute or environ.get("WORKSPACE_MCP_PER_MINUTE") or None
    return Limits(frozenset(switches), lists, _ask(asked), budgets, _pace(pace))


def _pace(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isdigit():
        raise UsageError(f"--per-minute {text} is no number.", "Write it like 60.")
    return int(text)


def _ask(text: str | None) -> Ask | None:
    if not text:
        return None
    try:
        return Ask(text.strip().lower())
    except ValueError:
        raise UsageError(f"--ask {text} is not known.", f"It is one of {', '.join(Ask)}.") from None


def _budgets(entries: Sequence[str]) -> dict[Reach, int]:
    found: dict[Reach, int] = {}
    for entry in entries:
        kind, equals, count = entry.partition("=")
        if kind not in set(BUDGETS) or not equals or not count.isdigit():
            raise UsageError(
                f"--budget {entry} cannot be used.",
                f"Write it like sends=20. Kinds: {', '.join(BUDGETS)}.",
            )
        found[Reach(kind)] = int(count)
    return found


def _allowed(
    given: argparse.Namespace, environ: Mapping[str, str], limits: Limits
) -> frozenset[str] | None:
    named = given.allowed_tools or settings.words(environ, "WORKSPACE_MCP_ALLOWED_TOOLS")
    listed = limits.lists.get("allowed_tools")
    here = frozenset(named) if named else None
    return listed if here is None else here if listed is None else here & listed


def _levels(
    given: argparse.Namespace, environ: Mapping[str, str]
) -> dict[str, frozenset[str]] | None:
    entries = given.permissions or settings.words(environ, "WORKSPACE_MCP_PERMISSIONS")
    if not entries:
        return None
    if given.tools or given.read_only:
        raise UsageError(
            "--permissions names services and levels by itself.",
            "Leave --tools and --read-only away.",
        )
    return settings.permissions(entries)


def _email(text: str | None, source: str) -> str | None:
    if not (text and text.strip()):
        return None
    if "@" not in text:
        raise UsageError(f"{source}: {text!r} is not an e-mail address.")
    return text.strip().lower()


def _demo(given: argparse.Namespace) -> dict[str, Any]:
    if given.demo is None:
        if given.demo_now or given.demo_save:
            raise UsageError("--demo-now and --demo-save go with --demo.", "Add --demo.")
        return {}
    file = Path(given.demo).expanduser() if given.demo else None
    if file is not None and not file.is_file():
        raise UsageError(f"--demo: {given.demo} is not a file.")
    return {
        "demo": True,
        "demo_file": file,
        "demo_now": _time(given.demo_now),
        "demo_save": Path(given.demo_save).expanduser().absolute() if given.demo_save else None,
    }


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--demo-now: {text!r} is not a time.", "Write it like 2026-11-20T09:30:00Z."
        ) from error
    if moment.tzinfo is None:
        raise UsageError(f"--demo-now: {text!r} has no zone.", "Append Z or an offset like +01:00.")
    return moment


def _files(given: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    named = [(text, "--files") for text in given.files or ()] or [
        (text, "ALLOWED_FILE_DIRS") for text in settings.path_list(environ, "ALLOWED_FILE_DIRS")
    ]
    downloads = given.downloads or environ.get("WORKSPACE_ATTACHMENT_DIR")
    return {
        "file_folders": tuple(settings.existing_folder(text, source) for text, source in named),
        "downloads": Path(downloads).expanduser().absolute() if downloads else None,
        "local_files": not settings.flag(environ, "WORKSPACE_MCP_DISABLE_LOCAL_FILES"),
    }


def _log(given: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    level = (given.log_level or environ.get("WORKSPACE_MCP_LOG_LEVEL") or "warning").lower()
    level = {"critical": "error", "warn": "warning"}.get(level, level)
    if level not in LOG_LEVELS:
        raise UsageError(f"Unknown log level: {level}.", f"Levels: {', '.join(LOG_LEVELS)}.")
    folder = environ.get("WORKSPACE_MCP_LOG_DIR")
    file = given.log_file or (Path(folder) / "workspace-mcp.log" if folder else None)
    return {"log_level": level, "log_file": Path(file).expanduser().absolute() if file else None}


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Serve until the client closes stdin. 0: a clean end; 2: flags or settings are unusable."""
    arguments = sys.argv[1:] if arguments is None else arguments
    environ = os.environ if environ is None else environ
    try:
        if arguments and arguments[0] == "tools":
            from workspace_mcp.listing import output

            flags = [argument for argument in arguments[1:] if argument != "--json"]
            text = output(read(flags, environ), as_json=len(flags) < len(arguments) - 1)
            sys.stdout.write(f"{text}\n")
            return 0
        chosen = read(arguments, environ)
        from workspace_mcp.logs import set_up
        from workspace_mcp.server import serve

        set_up(chosen.log_level, chosen.log_file)
        if sys.stdin.isatty():
            sys.stderr.write(_AT_A_TERMINAL.format(program()))
        return serve(chosen)
    except UsageError as error:
        sys.stderr.write(f"workspace-mcp: {' '.join(str(error).splitlines())}\n")
        return 2


__all__ = ["TIERS", "main", "read"]
