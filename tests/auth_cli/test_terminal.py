"""T33 to T40 of CASES.md: what a person or a program sees of a sign-in."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from auth_cli.console import laid_out, painted
from auth_cli.oauth import browser
from auth_cli.oauth.callback import pasted
from auth_cli.surroundings import Surroundings, look
from tests.auth_cli.kit import SECRETS, Login, Terminal, browse, home, kept, rest, run, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle

GMAIL = ("--services", "gmail")


def program(folder: Path, name: str, text: str) -> Path:
    """A program that stands for a browser."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


BROWSERS = {
    "one that fails": "import sys; sys.exit(1)",
    "one that stays in the foreground": "import time; time.sleep(3)",
    "one that writes to stdout": "print('NOISE' * 1000, flush=True)",
}


@pytest.mark.parametrize("text", BROWSERS.values(), ids=BROWSERS)
def test_no_browser_disturbs_a_sign_in(
    google: LoopbackGoogle, environ: dict[str, str], tmp_path: Path, text: str
) -> None:
    path = program(tmp_path, "a browser", text)
    began = time.monotonic()
    login = Login({**environ, "BROWSER": ""}, ME, *GMAIL, "--browser", f"'{path}'")
    shown = time.monotonic() - began
    browse(google.consent(login.url))
    code, out, err = login.end()

    assert (code, out) == (0, f"{ME}\n")
    assert "NOISE" not in err
    assert shown < 8


def test_a_browser_is_started_with_the_address_and_nothing_else(
    google: LoopbackGoogle, environ: dict[str, str], tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    path = program(
        tmp_path,
        "browser.py",
        f"import json, sys; json.dump(sys.argv[1:], open({str(seen)!r}, 'w'))",
    )
    login = Login({**environ, "BROWSER": str(path)}, ME, *GMAIL)
    until = time.monotonic() + 10
    while not (seen.exists() and seen.stat().st_size) and time.monotonic() < until:
        time.sleep(0.02)
    browse(google.consent(login.url))
    code, _, err = login.end()

    assert code == 0
    assert json.loads(seen.read_text()) == [login.url]
    assert "A browser should have opened it." in err


@pytest.mark.parametrize(
    ("environ", "named", "found"),
    [
        pytest.param({}, None, None, id="no display: none"),
        pytest.param({"BROWSER": "lynx"}, None, None, id="never one of the terminal"),
        pytest.param({"BROWSER": "/no/such:sh"}, None, ["sh"], id="the first that is there"),
        pytest.param({"BROWSER": "sh"}, "env -i", ["env", "-i"], id="the named one first"),
    ],
)
def test_which_browser(environ: dict[str, str], named: str | None, found: list[str] | None) -> None:
    if sys.platform == "linux":
        assert browser.command(environ, named) == found


def test_without_a_browser_the_address_is_shown_and_what_to_do(environ: dict[str, str]) -> None:
    login = Login({**environ, "PATH": ""}, ME, *GMAIL)
    login.process.terminate()
    _, _, err = login.end()

    assert login.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert "Traceback" not in err


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_address_is_whole_on_one_line_whatever_the_width(
    google: LoopbackGoogle, environ: dict[str, str], columns: int
) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL, columns=columns)
    url = terminal.url()
    browse(google.consent(url))

    assert terminal.end() == 0
    assert url.count("https://") == 1 + url.count("https%3A") * 0
    assert "redirect_uri=" in url
    assert "code_challenge=" in url
    prose = [
        line for line in terminal.text.split("\n") if not line.startswith(("https://", "    "))
    ]
    assert max(map(len, prose)) <= columns


def test_the_address_comes_before_the_wait_into_a_pipe_as_well(environ: dict[str, str]) -> None:
    began = time.monotonic()
    login = Login(environ, ME, *GMAIL, "--timeout", "30")
    took = time.monotonic() - began
    login.process.terminate()
    login.end()

    assert took < 10
    assert login.said[0] == "Open this address to sign in:\n"


def wrapped(address: str) -> dict[str, str]:
    """Ways in which a person pastes an address."""
    return {
        "as it is": address,
        "in quotes": f"'{address}'",
        "in double quotes, with blanks": f'  "{address}"  ',
        "in brackets": f"<{address}>",
        "by a terminal that marks pastes": f"\x1b[200~{address}\x1b[201~",
        "the query alone": address.partition("?")[2],
        "the query with its mark": "?" + address.partition("?")[2],
    }


@pytest.mark.parametrize("way", wrapped("x"))
def test_a_pasted_address_signs_in(
    google: LoopbackGoogle, environ: dict[str, str], way: str
) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL)
    terminal.type(wrapped(google.consent(terminal.url()))[way] + "\n")

    assert terminal.end() == 0
    assert f"{ME} is signed in for gmail." in terminal.text
    assert stored(environ).exists()


def test_pasted_nonsense_ends_nothing(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL)
    url = terminal.url()
    address = google.consent(url)
    wrong = [
        "yes", "http://127.0.0.1:1/oauth2/callback?code=x&state=wrong", address.partition("&")[2], "",
        address.replace("state=", "state=%"), "?error=access_denied",
    ]  # fmt: skip
    for line in wrong:
        terminal.type(line + "\n")
    terminal.wait_for("That is not the answer to this sign-in.")
    browse(address)

    assert terminal.end() == 0
    assert terminal.text.count("That is not the answer to this sign-in.") >= 4


def test_a_pasted_refusal_ends_it(environ: dict[str, str]) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL)
    state = terminal.url().partition("state=")[2].partition("&")[0]
    terminal.type(f"http://127.0.0.1:1/oauth2/callback?error=access_denied&state={state}\n")

    assert terminal.end() == 3


def test_the_end_of_the_input_ends_nothing(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL)
    url = terminal.url()
    terminal.type("\x04")
    time.sleep(0.3)
    browse(google.consent(url))

    assert terminal.end() == 0


def test_ctrl_c_at_a_terminal_leaves_nothing(environ: dict[str, str]) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL)
    terminal.url()
    terminal.type("\x03")

    assert terminal.end() == 130
    assert "Traceback" not in terminal.text
    assert not home(environ).exists()


def test_without_a_terminal_stdin_is_never_read(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    reads, writes = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "auth_cli", "login", ME, *GMAIL], env=environ, stdin=reads,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.write(writes, b"for the next program\n")
    assert process.stderr is not None
    process.stderr.readline()
    browse(google.consent(process.stderr.readline().strip()))
    rest(process)
    os.set_blocking(reads, False)
    left = os.read(reads, 100)
    os.close(reads)
    os.close(writes)

    assert process.returncode == 0
    assert left == b"for the next program\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("http://127.0.0.1:5/oauth2/callback?a=b", "http://127.0.0.1:5/oauth2/callback?a=b"),
        (" '?code=x&state=y' ", "?code=x&state=y"),
        ("state=y&code=x", "?state=y&code=x"),
        ("hello", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_what_was_pasted(line: str, found: str) -> None:
    assert pasted(line) == found


# --start and --finish


def test_an_agents_shell_signs_in_with_two_commands(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    began = run(environ, "login", ME, *GMAIL, "--start")
    pending = list((home(environ) / "pending").iterdir())
    modes = [path.stat().st_mode & 0o777 for path in pending]
    status, page, _ = browse(google.consent(began.stdout.strip()))
    ended = run(environ, "login", "--finish")
    again = run(environ, "login", "--finish")

    assert (began.returncode, status, ended.returncode) == (0, 200, 0)
    assert modes == [0o600]
    assert "You are signed in" in page
    assert f"{ME} is signed in for gmail." in ended.stderr
    assert ended.stdout == f"{ME}\n"
    assert list((home(environ) / "pending").iterdir()) == []
    assert again.returncode == 2
    assert "No sign-in is under way." in again.stderr


def test_a_copied_address_finishes_a_sign_in(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    began = run(environ, "login", ME, *GMAIL, "--start")
    address = google.consent(began.stdout.strip())
    ended = run(environ, "login", "--finish", address)
    replayed = run(environ, "login", "--finish", address)

    assert ended.returncode == 0, ended.stderr
    assert stored(environ).exists()
    assert replayed.returncode == 2
    assert "answers no sign-in that was started here" in replayed.stderr


def test_a_copied_address_counts_when_the_waiting_process_was_killed(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    began = run(environ, "login", ME, *GMAIL, "--start")
    address = google.consent(began.stdout.strip())
    kill_helper(environ)
    ended = run(environ, "login", "--finish", "-", given=f"{address}\n")

    assert ended.returncode == 0, ended.stderr
    assert stored(environ).exists()
    assert list((home(environ) / "pending").iterdir()) == []


def kill_helper(environ: dict[str, str]) -> None:
    """Kill the process that `--start` left waiting."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"--report" in words and environ["HOME"].encode() in words:
                os.kill(int(entry.name), 9)
                return
    raise AssertionError("nobody waits")


def test_addresses_of_others_are_never_exchanged(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    run(environ, "login", ME, *GMAIL, "--start")
    foreign = run(environ, "login", "--finish", "http://127.0.0.1:5/oauth2/callback?code=x&state=y")
    kill_helper(environ)

    assert foreign.returncode == 2
    assert google.world.sign_in.exchanged == 0


def test_what_was_started_long_ago_is_over(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    began = run(environ, "login", ME, *GMAIL, "--start")
    kill_helper(environ)
    for path in (home(environ) / "pending").iterdir():
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    late = run(environ, "login", "--finish", google.consent(began.stdout.strip()))

    assert late.returncode == 2
    assert google.world.sign_in.exchanged == 0
    assert list((home(environ) / "pending").iterdir()) == []


def test_the_outcome_of_a_sign_in_that_failed_reaches_the_second_command(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    began = run(environ, "login", ME, *GMAIL, "--start")
    browse(google.consent(began.stdout.strip(), email="you@example.com"))
    ended = run(environ, "login", "--finish")

    assert ended.returncode == 5
    assert "You chose you@example.com" in ended.stderr


def test_a_start_that_cannot_work_says_why(environ: dict[str, str]) -> None:
    began = run({**environ, "GOOGLE_CLIENT_SECRET_PATH": "/no/such.json"}, "login", ME, "--start")

    assert began.returncode == 8
    assert "/no/such.json cannot be read" in began.stderr


# Where there is no browser


@pytest.mark.parametrize(
    ("environ", "files", "says"),
    [
        pytest.param(
            {"SSH_CONNECTION": "10.1.2.3 50000 10.0.0.5 22", "USER": "ana"}, (),
            "    ssh -N -L 4711:127.0.0.1:4711 ana@10.0.0.5\n", id="SSH",
        ),
        pytest.param(
            {"SSH_CONNECTION": "::1 50000 fd00::5 2222", "USER": "ana"}, (),
            "    ssh -N -p 2222 -L 4711:127.0.0.1:4711 ana@[fd00::5]\n", id="SSH, another port, IPv6",
        ),
        pytest.param({}, ("/.dockerenv",), "This is a container", id="Docker"),
        pytest.param({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, (), "This is a container", id="Kubernetes"),
        pytest.param({"WSL_DISTRO_NAME": "Debian"}, (), "This is WSL.", id="WSL"),
        pytest.param({}, (), "There is no browser on this machine.", id="no display"),
        pytest.param({"DISPLAY": ":0"}, (), "", id="a desktop"),
    ],
)  # fmt: skip
def test_each_place_gets_its_own_advice(
    tmp_path: Path, environ: dict[str, str], files: tuple[str, ...], says: str
) -> None:
    for name in files:
        (tmp_path / name.lstrip("/")).touch()
    found = look(environ, tmp_path).advice(4711, can_paste=True)

    assert says in found
    assert bool(found) == bool(says)


def test_without_a_terminal_the_advice_is_the_other_command() -> None:
    found = Surroundings(container=True).advice(1, can_paste=False)

    assert "workspace-auth login --finish 'ADDRESS'" in found
    assert "paste its address here" not in found


def test_over_ssh_no_browser_is_started(environ: dict[str, str], tmp_path: Path) -> None:
    seen = tmp_path / "started"
    program(tmp_path, "xdg-open", f"open({str(seen)!r}, 'w')")
    there = {
        "SSH_CONNECTION": "1.2.3.4 1 5.6.7.8 22", "USER": "ana", "DISPLAY": ":0",
        "PATH": f"{tmp_path}:{environ['PATH']}",
    }  # fmt: skip
    login = Login({**environ, **there}, ME, *GMAIL)
    time.sleep(0.5)
    login.process.terminate()
    _, _, err = login.end()

    assert not seen.exists()
    assert f"ssh -N -L {login.port}:127.0.0.1:{login.port} ana@5.6.7.8" in err


# Programs that read


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_is_one_object_a_line_and_nothing_else(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "auth_cli", "login", ME, *GMAIL, "--json"], env=environ,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    browse(google.consent(json.loads(first)["url"]))
    out, err = rest(process)
    events = objects(first + out)

    assert err == ""
    assert {one["event"] for one in events} <= {"authorize", "advice", "signed_in"}
    assert events[0]["event"] == "authorize"
    assert events[0]["expires_in"] == 300
    assert events[-1] == {"event": "signed_in", "email": ME, "granted": ["gmail"], "missing": []}


def test_json_of_a_failure_is_an_object_with_its_exit_code(environ: dict[str, str]) -> None:
    done = run(environ, "login", ME, "--timeout", "0.2", "--json")

    assert done.returncode == 10
    assert done.stderr == ""
    assert objects(done.stdout)[-1]["event"] == "error"
    assert objects(done.stdout)[-1]["exit_code"] == 10


def test_start_and_finish_speak_json_too(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    began = run(environ, "login", ME, *GMAIL, "--start", "--json")
    browse(google.consent(objects(began.stdout)[0]["url"]))
    ended = run(environ, "login", "--finish", "--json")

    assert [one["event"] for one in objects(began.stdout)] == ["authorize"]
    assert objects(ended.stdout) == [
        {"event": "signed_in", "email": ME, "granted": ["gmail"], "missing": []}
    ]
    assert began.stderr + ended.stderr == ""


def test_no_input_asks_nothing_at_a_terminal(environ: dict[str, str]) -> None:
    terminal = Terminal(environ, "login", ME, *GMAIL, "--no-input", "--timeout", "0.5")

    assert terminal.end() == 10
    assert "paste its address here" not in terminal.text


# Secrets


@pytest.mark.parametrize("fails", ["", "invalid_grant"])
def test_nothing_secret_is_said_not_even_with_debug(
    google: LoopbackGoogle, environ: dict[str, str], fails: str
) -> None:
    google.world.sign_in.refuses = fails
    login = Login(environ, ME, *GMAIL, "--debug")
    titles = Path(f"/proc/{login.process.pid}/cmdline").read_text()
    address = google.consent(login.url)
    _, page, _ = browse(address)
    _, out, err = login.end()
    said = out + err.replace(login.url, "") + page + titles
    secrets = [*SECRETS, login.fields["state"]]
    if not fails:
        secrets += [kept(environ)["token"], kept(environ)["refresh_token"]]

    assert [one for one in secrets if one in said] == []


def test_a_bug_shows_no_secret_in_its_traceback(
    google: LoopbackGoogle, environ: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "broken.py"
    script.write_text(
        "import sys, auth_cli.login as login\n"
        "def broken(*given):\n    raise RuntimeError('a bug')\n"
        "login.save = broken\n"
        "from auth_cli.main import main\nsys.exit(main(['login', *sys.argv[1:]]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script), ME, *GMAIL], env=environ, text=True, cwd=Path.cwd(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.readline()
    url = process.stderr.readline().strip()
    browse_anyhow(google.consent(url))
    out, err = rest(process)

    assert "a bug" in err
    assert [one for one in SECRETS if one in out + err] == []


def browse_anyhow(url: str) -> None:
    try:
        browse(url)
    except OSError:
        return


# Layout


def test_prose_is_wrapped_between_words_and_addresses_never() -> None:
    url = "https://example.com/" + quote("x" * 100)
    text = f"Some words that are longer than the line.\n{url}\n    a command that is longer than it"

    assert laid_out(text, 20).split("\n") == [
        "Some words that are", "longer than the", "line.", url,
        "    a command that is longer than it",
    ]  # fmt: skip
    assert laid_out(text, 0) == text


def test_colour_changes_no_character() -> None:
    text = "ok       folder: x\nerror    y\n    workspace-auth login\nhttps://example.com/?a=b"
    shown = painted(text, may=True)

    assert "\x1b]8;" in shown
    assert painted(text, may=False) == text
    import re

    assert re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", shown) == text
