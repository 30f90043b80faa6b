"""Uploads and downloads of any size, with constant memory, taken up again after a break."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Final

import anyio

from workspace_mcp.errors import GoogleDownError, GoogleError, NetworkError, WorkspaceError
from workspace_mcp.google import media as form
from workspace_mcp.google.exchange import (
    GOOD,
    Answer,
    JsonObject,
    Sending,
    host_of,
    json_object,
    unknown_outcome,
)
from workspace_mcp.google.media import Begun, Media, Report
from workspace_mcp.google.resource import Resource
from workspace_mcp.google.sender import Sender, Sink, TooLargeError, unsent

log = logging.getLogger(__name__)

TRIES: Final = 4
"""How often an upload is taken up again before it is given up."""
RESTARTS: Final = 2
"""How often a download begins again where Google does not go on in the middle."""
_HOPS: Final = 5
_MOVED: Final = frozenset({302, 307})
_GONE: Final = frozenset({401, 403, 404, 410})
"""What a place says whose time is over."""
_GONE_OR_OVER: Final = frozenset({401, 404, 410})
"""What a session says that is over, or whose token is."""
_AS_IT_IS: Final = {"Accept-Encoding": "identity"}
"""A range counts bytes as they are sent; packed, they are others."""
_PART: Final = 120.0
"""Seconds for one part."""
_ABORT: Final = 2.0
_MORE: Final = GOOD | {308}
Pairs = tuple[tuple[str, str], ...]


async def upload(
    sender: Sender,
    resource: Resource,
    metadata: JsonObject,
    media: Media,
    method: str,
    report: Report | None,
    query: Pairs = (),
    begun: Begun | None = None,
) -> JsonObject:
    """See `Google.upload`."""
    if media.size <= form.SIMPLE:
        whole = form.multipart(metadata, media)
        headers = {"Content-Length": str(whole.size)}
        sending = Sending(
            method,
            resource,
            (*query, ("uploadType", "multipart")),
            whole.chunks,
            whole.mime,
            headers,
            safe=False,
            seconds=_PART,
            about=json.dumps(metadata).encode(),
        )
        return _object(await sender.answer(sending))
    if begun is not None and begun.place is not None:
        return await _resumed(sender, begun.place, media, report, begun)
    session = await _session(sender, resource, metadata, media, method, query)
    sender.unfinished.add(session)
    if begun is not None:
        begun.place = session
        return await _parts(sender, session, media, report, begun)
    try:
        return await _parts(sender, session, media, report, Begun())
    except anyio.get_cancelled_exc_class():
        with anyio.move_on_after(_ABORT, shield=True) as parting:
            sender.partings.add(parting)
            await _let_go(sender, session)
        sender.partings.discard(parting)
        raise


async def end(sender: Sender, seconds: float) -> None:
    """Tell Google to forget every upload that was begun and not finished; nobody does so any longer."""
    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            for session in tuple(sender.unfinished):
                tasks.start_soon(_let_go, sender, session)
    for parting in sender.partings:
        parting.cancel()


async def _let_go(sender: Sender, session: Resource) -> None:
    try:
        token = await sender.token(None)
    except WorkspaceError as error:  # Google forgets it after a week by itself
        log.info("An upload that was not finished stays with Google: %s", type(error).__name__)
        return
    await sender.once(Sending("DELETE", session, safe=False), token)
    sender.unfinished.discard(session)


async def _resumed(
    sender: Sender, session: Resource, media: Media, report: Report | None, begun: Begun
) -> JsonObject:
    """Go on with the upload of an earlier call, from where Google says that it is."""
    answer = await _where(sender, session, media)
    if answer is None:
        raise NetworkError(f"Google was not reached; {begun.at:,} bytes are there.", "Try again.")
    if answer.status in GOOD:
        sender.unfinished.discard(session)
        return _object(answer)
    begun.at = form.received(answer.headers.get("range"))
    return await _parts(sender, session, media, report, begun)


async def _session(
    sender: Sender, resource: Resource, metadata: JsonObject, media: Media, method: str, more: Pairs
) -> Resource:
    """The address of an upload session. Asking for one twice makes nothing twice."""
    headers = {
        "X-Upload-Content-Type": media.mime,
        "X-Upload-Content-Length": str(media.size),
    }
    query = (*more, ("uploadType", "resumable"))
    body = json.dumps(metadata).encode()
    begin = Sending(method, resource, query, body, headers=headers, quiet=True)
    answer = await sender.answer(begin)
    place = form.session_of(answer.headers.get("location"), host_of(resource))
    if place is None:
        raise GoogleDownError("Google gave no address for the upload.", "Try again in a minute.")
    return Resource(place, f"{resource.template}/{{session}}")


async def _parts(
    sender: Sender, session: Resource, media: Media, report: Report | None, begun: Begun
) -> JsonObject:
    """Send part after part from where Google says that it is; `begun.at` follows."""
    tries, lost = 0, False
    while True:
        at = begun.at
        answer, arrived = await _part(sender, session, media, at)
        lost = lost or (arrived and at + form.CHUNK >= media.size)
        if answer is None:
            answer = await _where(sender, session, media, lost=lost)
        if answer is not None and answer.status in GOOD:
            sender.unfinished.discard(session)
            return _object(answer)
        reached = at if answer is None else form.received(answer.headers.get("range"))
        lost = lost and (answer is None or reached >= media.size)
        tries = 0 if reached > at else tries + 1
        at = begun.at = reached
        if tries >= TRIES and (lost or at >= media.size):
            raise unknown_outcome()
        if tries >= TRIES:
            raise NetworkError(
                f"The upload broke off after {at:,} of {media.size:,} bytes.", "Try again later."
            )
        if report is not None:
            await report(at, media.size)


async def _part(
    sender: Sender, session: Resource, media: Media, at: int
) -> tuple[Answer | None, bool]:
    """Google's good answer to one part, or None; and whether the part may have arrived.

    Raises:
        WorkspaceError: Google does not take it.
    """
    end = min(at + form.CHUNK, media.size)
    headers = {
        "Content-Range": form.content_range(at, end, media.size),
        "Content-Length": str(end - at),
    }
    part = Sending(
        "PUT", session, (), lambda: form.stream(media, at, end), media.mime, headers, safe=False,
        seconds=_PART, good=_MORE,
    )  # fmt: skip
    answer, broken = await sender.once(part, await sender.token(None))
    if answer is not None and answer.status in _MORE:
        return answer, True
    if answer is not None and _final(answer) and sender.pause(1, part, answer, broken) is None:
        raise sender.failed(part, answer, broken)
    await sender.sleep(1.0)
    return None, not unsent(broken)


def _final(answer: Answer) -> bool:
    """Whether Google said no, and not only that it is busy, or that a token or a session is over."""
    return 400 <= answer.status < 500 and answer.status not in _GONE_OR_OVER


async def _where(
    sender: Sender, session: Resource, media: Media, *, lost: bool = False
) -> Answer | None:
    """Google's answer to the question how far an upload is; None when it was not reached.

    `lost`: Google may have all of it, and nobody heard it say so.
    """
    where = Sending(
        "PUT", session, (), b"", media.mime,
        {"Content-Range": form.content_range(0, 0, media.size)}, good=_MORE, quiet=True,
    )  # fmt: skip
    try:
        return await sender.answer(where)
    except (NetworkError, GoogleDownError):
        return None
    except GoogleError as error:
        sender.unfinished.discard(session)
        if lost:
            raise unknown_outcome() from error
        raise GoogleDownError(
            f"Google ended the upload ({error.status}); nothing was stored.", "Start it again."
        ) from error


def _object(answer: Answer) -> JsonObject:
    try:
        return json_object(answer.body, safe=False)
    except GoogleDownError as error:
        raise unknown_outcome() from error


async def download(
    sender: Sender,
    resource: Resource,
    query: Pairs,
    sink: Sink,
    limit: int,
    report: Report | None,
    start: int = 0,
    restart: Callable[[], None] | None = None,
) -> int:
    """See `Google.download`."""
    state = _Download(sink, limit, start, restart)
    place, ours, attempt, hops = resource, True, 0, 0
    token, renewed = await sender.token(None), False
    while True:
        before = state.count
        headers = {"Range": f"bytes={before}-"} if before else {}
        sending = Sending(
            "GET", place, query if ours else (), None, headers={**_AS_IT_IS, **headers},
            seconds=_PART, sink=state.take, begin=state.begin,
        )  # fmt: skip
        answer, broken = await sender.once(sending, token if ours else "")
        if answer is not None and (answer.status in GOOD or _at_the_end(answer, before)):
            return state.count
        if isinstance(broken, TooLargeError) and state.count > limit:
            raise GoogleDownError(
                f"The file is larger than {limit:,} bytes.", "Fetch it again if it has changed."
            )
        gone = _GONE if not ours else frozenset[int]()
        if answer is not None and hops < _HOPS and answer.status in _MOVED | gone:
            hops += 1  # elsewhere, or from there back to where such places are given
            moved = answer.status in _MOVED
            place, ours = (_moved(resource, answer), False) if moved else (resource, True)
            continue
        if answer is not None and answer.status == 401 and ours and not renewed:
            token, renewed = await sender.token(token), True
            continue
        attempt = 1 if state.count > before else attempt + 1
        seconds = sender.pause(attempt, sending, answer, broken)
        if seconds is None and answer is None and not isinstance(broken, TooLargeError):
            raise NetworkError(f"The download broke off after {state.count:,} bytes.", "Try again.")
        if seconds is None:
            raise sender.failed(sending, answer, broken)
        if report is not None:
            await report(state.count, None)
        await sender.wait(seconds)


def _moved(resource: Resource, answer: Answer) -> Resource:
    """Where a redirect leads.

    Raises:
        GoogleDownError: to nowhere of Google's.
    """
    place = form.media_host(answer.headers.get("location"))
    if place is None:
        raise GoogleDownError("Google's answer leads to a host that is not its own.")
    return Resource(place, f"{resource.template}?alt=media")


def _at_the_end(answer: Answer, count: int) -> bool:
    """Whether all was there already: the connection broke after the last byte."""
    return answer.status == 416 and answer.headers.get("content-range") == f"bytes */{count}"


class _Download:
    """Counts what goes to the sink, and sees that it is what comes next."""

    def __init__(
        self, sink: Sink, limit: int, start: int, restart: Callable[[], None] | None
    ) -> None:
        self._sink = sink
        self._limit = limit
        self._restart = restart
        self._restarts = RESTARTS
        self.count = start

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The body of an answer is about to come: from where we are, or from the start.

        Raises:
            GoogleDownError: it is another part than was asked for.
        """
        if status == 206:
            span = headers.get("content-range", f"bytes {self.count}-")
            if not span.startswith(f"bytes {self.count}-"):
                raise GoogleDownError("Google gave another part of the file.", "Fetch it again.")
        elif self.count:
            if self._restart is None or not self._restarts:
                raise GoogleDownError("The download broke off.", "Fetch it again.")
            self._restart()
            self._restarts -= 1
            self.count = 0

    def take(self, chunk: bytes) -> None:
        """Pass a piece on.

        Raises:
            TooLargeError: there were too many.
        """
        self.count += len(chunk)
        if self.count > self._limit:
            raise TooLargeError
        self._sink(chunk)
