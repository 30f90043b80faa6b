"""Uploads and downloads of any size, with constant memory, taken up again after a break."""

import json
from typing import Final

import anyio

from workspace_mcp.errors import GoogleDownError, GoogleError, NetworkError
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
from workspace_mcp.google.sender import Sender, Sink, TooLargeError

TRIES: Final = 4
"""How often a transfer is taken up again before it is given up."""
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
    if begun is not None:
        begun.place = session
        return await _parts(sender, session, media, report, begun)
    try:
        return await _parts(sender, session, media, report, Begun())
    except anyio.get_cancelled_exc_class():
        with anyio.move_on_after(_ABORT, shield=True):
            await sender.once(Sending("DELETE", session, safe=False), await sender.token(None))
        raise


async def _resumed(
    sender: Sender, session: Resource, media: Media, report: Report | None, begun: Begun
) -> JsonObject:
    """Go on with the upload of an earlier call, from where Google says that it is."""
    answer = await _where(sender, session, media)
    if answer is None:
        raise NetworkError(f"Google was not reached; {begun.at:,} bytes are there.", "Try again.")
    if answer.status in GOOD:
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
    answer = await sender.answer(Sending(method, resource, query, body, headers=headers))
    place = form.session_of(answer.headers.get("location"), host_of(resource))
    if place is None:
        raise GoogleDownError("Google gave no address for the upload.", "Try again in a minute.")
    return Resource(place, f"{resource.template}/{{session}}")


async def _parts(
    sender: Sender, session: Resource, media: Media, report: Report | None, begun: Begun
) -> JsonObject:
    """Send part after part from where Google says that it is; `begun.at` follows."""
    tries = 0
    while True:
        at = begun.at
        answer = await _part(sender, session, media, at)
        if answer is not None and answer.status in GOOD:
            return _object(answer)
        reached = at if answer is None else form.received(answer.headers.get("range"))
        tries = 0 if reached > at else tries + 1
        at = begun.at = reached
        if tries >= TRIES:
            raise (
                unknown_outcome()
                if at >= media.size
                else NetworkError(
                    f"The upload broke off after {at:,} of {media.size:,} bytes.",
                    "Try again later.",
                )
            )
        if report is not None:
            await report(at, media.size)


async def _part(sender: Sender, session: Resource, media: Media, at: int) -> Answer | None:
    """Google's answer to one part, or to the question where it is; None when there was none."""
    end = min(at + form.CHUNK, media.size)
    headers = {
        "Content-Range": form.content_range(at, end, media.size),
        "Content-Length": str(end - at),
    }
    part = Sending(
        "PUT", session, (), lambda: form.stream(media, at, end), media.mime, headers, safe=False,
        seconds=_PART, good=_MORE,
    )  # fmt: skip
    answer, _ = await sender.once(part, await sender.token(None))
    if answer is not None and answer.status in _MORE:
        return answer
    await sender.sleep(1.0)
    return await _where(sender, session, media)


async def _where(sender: Sender, session: Resource, media: Media) -> Answer | None:
    """Google's answer to the question how far an upload is; None when it was not reached."""
    where = Sending(
        "PUT", session, (), b"", media.mime,
        {"Content-Range": form.content_range(0, 0, media.size)}, good=_MORE,
    )  # fmt: skip
    try:
        return await sender.answer(where)
    except (NetworkError, GoogleDownError):
        return None
    except GoogleError as error:
        raise GoogleDownError(
            f"Google ended the upload ({error.status}); nothing was stored.", "Start it again."
        ) from error


def _object(answer: Answer) -> JsonObject:
    try:
        return json_object(answer.body)
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
) -> int:
    """See `Google.download`."""
    state = _Download(sink, limit, start)
    place, token, tries = resource, True, 0
    while True:
        before = state.count
        headers = {"Range": f"bytes={before}-"} if before else {}
        sending = Sending(
            "GET", place, query if token else (), None, headers=headers, seconds=_PART,
            sink=state.take, good=GOOD | {302, 307},
        )  # fmt: skip
        answer, broken = await sender.once(sending, await sender.token(None) if token else "")
        if isinstance(broken, TooLargeError):
            raise GoogleDownError(f"The file is larger than {limit:,} bytes.", "Raise the limit.")
        if answer is not None and answer.status in {302, 307}:
            next_place = form.media_host(answer.headers.get("location"))
            if next_place is None:
                raise GoogleDownError("Google's answer leads to a host that is not its own.")
            place, token = Resource(next_place, f"{resource.template}?alt=media"), False
            continue
        if answer is not None and answer.status in GOOD:
            if before and answer.status != 206:
                raise GoogleDownError("The file changed while it was fetched.", "Fetch it again.")
            return state.count
        if answer is not None and (refused := sender.refusal(sending, answer)) is not None:
            raise refused
        if answer is not None:
            await sender.answer(sending)  # raises what the refusal means, or gets through now
            return state.count
        tries = 0 if state.count > before else tries + 1
        if tries >= TRIES:
            raise NetworkError(f"The download broke off after {state.count:,} bytes.", "Try again.")
        if report is not None:
            await report(state.count, None)
        await sender.sleep(1.0)


class _Download:
    """Counts what goes to the sink."""

    def __init__(self, sink: Sink, limit: int, start: int) -> None:
        self._sink = sink
        self._limit = limit
        self.count = start

    def take(self, chunk: bytes) -> None:
        """Pass a piece on.

        Raises:
            TooLargeError: there were too many.
        """
        self.count += len(chunk)
        if self.count > self._limit:
            raise TooLargeError
        self._sink(chunk)
