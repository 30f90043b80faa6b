"""How long a browser waits after Google sent it back: from the request to the written file and the page.

    python benchmarks/callback.py [RUNS]

The exchange of the code is timed by itself inside; what is left is ours. Google is the demo's, on
loopback, over TLS.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from auth_cli import login as flow  # noqa: E402
from auth_cli.console import Session  # noqa: E402
from tests.auth_cli.kit import CLIENT, browse  # noqa: E402
from tests.conftest import ME  # noqa: E402
from tests.google_over_tls import LoopbackGoogle  # noqa: E402
from tests.proxy import GoogleProxy  # noqa: E402


def one(folder: Path) -> tuple[float, float]:
    """(seconds from the callback to the page and the file, seconds of the exchange in them)."""
    google = LoopbackGoogle(folder)
    client = folder / "client.json"
    client.write_text(json.dumps(CLIENT))
    took: list[float] = []
    exchange = flow.exchange

    def timed(*given: Any) -> Any:
        began = time.perf_counter()
        found = exchange(*given)
        took.append(time.perf_counter() - began)
        return found

    flow.exchange = timed
    with GoogleProxy(google.handle, folder) as proxy:
        environ = {**proxy.environ, "HOME": str(folder), "GOOGLE_CLIENT_SECRET_PATH": str(client),
                   "NO_PROXY": "127.0.0.1"}  # fmt: skip
        os.environ.update(environ)
        shown = threading.Event()
        urls: list[str] = []

        def told(event: str, text: str, **facts: Any) -> None:
            if event == "authorize":
                urls.append(facts["url"])
                shown.set()

        wish = flow.Wish(ME, ("gmail",), open_browser=False)
        store = Session(environ).store
        run = threading.Thread(target=lambda: flow.login(wish, environ, store, told, ("gmail",)))
        run.start()
        shown.wait()
        target = google.consent(urls[0])
        began = time.perf_counter()
        browse(target)
        ended = time.perf_counter()
        run.join()
        flow.exchange = exchange
        assert store.read(ME) is not None
    return ended - began, took[0]


def main() -> None:
    """Print the medians and the worst."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    found = [one(Path(tempfile.mkdtemp())) for _ in range(runs)]
    ours = [whole - exchanged for whole, exchanged in found]
    print(
        f"callback → page and file: median {statistics.median(w for w, _ in found) * 1000:.1f} ms"
    )
    print(
        f"of which the exchange:    median {statistics.median(e for _, e in found) * 1000:.1f} ms"
    )
    print(
        f"of which ours:            median {statistics.median(ours) * 1000:.1f} ms, worst {max(ours) * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()
