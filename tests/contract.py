"""Holds what we send to Google, and what our fakes answer, to Google's discovery documents.

The documents lie as JSON in the package google-api-python-client and are read without importing it.

Source: developers.google.com/discovery/v1/reference/apis
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2

DOCUMENTS = ("gmail.v1", "drive.v3", "calendar.v3", "docs.v1", "sheets.v4", "slides.v1",
             "forms.v1", "tasks.v1", "chat.v1", "people.v1", "script.v1", "oauth2.v2")  # fmt: skip
ALWAYS = {"fields", "alt", "prettyPrint", "quotaUser", "key", "uploadType", "upload_id"}
NOT_GOOGLE = re.compile(
    r"^https://(oauth2\.googleapis\.com|accounts\.google\.com|drive\.usercontent\.google\.com)/"
)
WRITTEN = {"drive.permissions.create.emailAddress", "drive.permissions.create.domain"}
"""Fields that the documents call read-only and Google's guides have written: Drive's share-files guide."""


class ContractError(AssertionError):
    """A request or an answer that Google's documents do not know."""


@dataclass(frozen=True)
class Method:
    """One method of an API. `pattern` matches its whole path."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    body: Mapping[str, Any]
    schemas: Mapping[str, Any] = field(repr=False)
    common: frozenset[str] = field(repr=False)

    @property
    def scopes(self) -> frozenset[str]:
        """Any one of these will do."""
        return frozenset(self.body.get("scopes", ()))


@cache
def document(name: str) -> Mapping[str, Any]:
    """A discovery document, such as "gmail.v1"."""
    spec = find_spec("googleapiclient")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def _methods(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from node.get("methods", {}).values()
    for child in node.get("resources", {}).values():
        yield from _methods(child)


def _pattern(path: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    names = tuple(re.findall(r"\{\+?(\w+)\}", path))
    parts = re.split(r"(\{\+?\w+\})", path)
    built = "".join(
        (r"(.+)" if part.startswith("{+") else r"([^/]+)")
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    )
    return re.compile(built), names


class Contract:
    """The documents, ready for looking up."""

    def __init__(self, names: Iterable[str] = DOCUMENTS) -> None:
        self._methods: dict[str, list[Method]] = {}
        for name in names:
            found = document(name)
            host = urlsplit(found["rootUrl"]).hostname or ""
            common = frozenset(found.get("parameters", {})) | ALWAYS
            for body in _methods(found):
                for path in self._paths(found, body):
                    pattern, parameters = _pattern(path)
                    self._methods.setdefault(host, []).append(
                        Method(
                            body["id"], body["httpMethod"], pattern, parameters, body,
                            found["schemas"], common,
                        )
                    )  # fmt: skip

    @staticmethod
    def _paths(found: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
        base = "/" + found["servicePath"].strip("/")
        path = body.get("flatPath") if "{+" in body["path"] else body["path"]
        yield f"{base.rstrip('/')}/{path or body['path']}"
        for way in body.get("mediaUpload", {}).get("protocols", {}).values():
            yield way["path"]

    def methods(self) -> Iterator[Method]:
        """Every method once, by its plain path."""
        seen: set[str] = set()
        for methods in self._methods.values():
            for method in methods:
                if method.id not in seen:
                    seen.add(method.id)
                    yield method

    def scopes(self, method_id: str) -> frozenset[str]:
        """The scopes of which one will do for a method such as "gmail.users.messages.list"."""
        return next(method.scopes for method in self.methods() if method.id == method_id)

    def find(self, verb: str, url: str) -> Method:
        """The method that a request calls.

        Raises:
            ContractError: there is none.
        """
        parts = urlsplit(url)
        for method in self._methods.get(parts.hostname or "", ()):
            if method.verb == verb and method.pattern.fullmatch(parts.path):
                return method
        raise ContractError(f"no method of Google's: {verb} {parts.hostname}{parts.path}")

    def check_request(self, verb: str, url: str, body: bytes = b"", mime: str = "") -> Method:
        """The method, when the request is one that the documents allow.

        Raises:
            ContractError: unknown path, parameter or field; a wrong type; a missing parameter.
        """
        method = self.find(verb, url)
        self._check_query(method, url)
        if body and mime.startswith("application/json"):
            reference = method.body.get("request", {}).get("$ref")
            if reference is None:
                raise ContractError(f"{method.id} takes no body")
            _check(json.loads(body), {"$ref": reference}, method.schemas, method.id, writing=True)
        return method

    def _check_query(self, method: Method, url: str) -> None:
        known: Mapping[str, Any] = method.body.get("parameters", {})
        given = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        for name, value in given:
            if name in method.common:
                if name == "fields":
                    _check_mask(value, method)
                continue
            if name not in known or known[name].get("location") != "query":
                raise ContractError(f"{method.id} has no parameter {name}")
            _check_word(value, known[name], f"{method.id}?{name}")
        names = [name for name, _ in given]
        for name, rule in known.items():
            repeated = names.count(name) > 1 and not rule.get("repeated")
            if repeated:
                raise ContractError(f"{method.id}: {name} is given twice")
            if rule.get("required") and rule["location"] == "query" and name not in names:
                raise ContractError(f"{method.id} needs the parameter {name}")

    def check_answer(
        self, method: Method, status: int, body: bytes, *, masked: bool = False
    ) -> None:
        """Nothing, when an answer of 2xx is one that the documents allow.

        `masked`: a `fields` mask chose what is in it.

        Raises:
            ContractError: unknown field, wrong type or format, or a body where there is none.
        """
        if not 200 <= status < 300:
            _check_error(status, body)
            return
        reference = method.body.get("response", {}).get("$ref")
        if reference is None:
            if body.strip() not in {b"", b"{}"}:
                raise ContractError(f"{method.id} answers with nothing")
            return
        _check(json.loads(body), {"$ref": reference}, method.schemas, method.id, writing=False)


def _check_error(status: int, body: bytes) -> None:
    error = json.loads(body)["error"]
    if error["code"] != status or not isinstance(error["message"], str):
        raise ContractError(f"not Google's form of an error: {body[:200]!r}")


def _check_word(value: str, rule: Mapping[str, Any], place: str) -> None:
    kinds = {
        "integer": r"-?\d+", "boolean": r"true|false", "number": r"-?\d+(\.\d+)?",
    }  # fmt: skip
    if (pattern := kinds.get(rule.get("type", ""))) and not re.fullmatch(pattern, value):
        raise ContractError(f"{place}: {value!r} is no {rule['type']}")
    if "enum" in rule and value not in rule["enum"]:
        raise ContractError(f"{place}: {value!r} is not one of {rule['enum']}")
    for bound, wrong in (("minimum", int.__lt__), ("maximum", int.__gt__)):
        if bound in rule and wrong(int(value), int(rule[bound])):
            raise ContractError(f"{place}: {value} is beyond {bound} {rule[bound]}")


def _check(
    value: Any, rule: Mapping[str, Any], schemas: Mapping[str, Any], place: str, *, writing: bool
) -> None:
    if "$ref" in rule:
        rule = schemas[rule["$ref"]]
    if writing and rule.get("readOnly") and place not in WRITTEN:
        raise ContractError(f"{place} can only be read")
    kind = rule.get("type", "any")
    if kind == "object":
        _check_object(value, rule, schemas, place, writing=writing)
    elif kind == "array":
        if not isinstance(value, list):
            raise ContractError(f"{place}: {type(value).__name__} is no array")
        for number, member in enumerate(value):
            _check(member, rule["items"], schemas, f"{place}[{number}]", writing=writing)
    elif kind != "any":
        _check_scalar(value, rule, place)


def _check_object(
    value: Any, rule: Mapping[str, Any], schemas: Mapping[str, Any], place: str, *, writing: bool
) -> None:
    if not isinstance(value, dict):
        raise ContractError(f"{place}: {type(value).__name__} is no object")
    known = rule.get("properties", {})
    free = rule.get("additionalProperties")
    for name, member in value.items():
        if name not in known and free is None:
            raise ContractError(f"{place} has no field {name}")
        if member is None and writing and name not in known:
            continue  # null takes an entry of a map away
        _check(member, known.get(name, free), schemas, f"{place}.{name}", writing=writing)


def _check_scalar(value: Any, rule: Mapping[str, Any], place: str) -> None:
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "boolean": (bool,), "number": (int, float),
    }  # fmt: skip
    kind = rule["type"]
    if not isinstance(value, kinds[kind]) or (kind != "boolean" and isinstance(value, bool)):
        raise ContractError(f"{place}: {type(value).__name__} is no {kind}")
    if "enum" in rule and value not in rule["enum"]:
        raise ContractError(f"{place}: {value!r} is not one of {rule['enum']}")
    form = rule.get("format", "")
    if form in {"int64", "uint64"} and kind == "string" and not re.fullmatch(r"-?\d+", value):
        raise ContractError(f"{place}: {value!r} is no {form}")
    if form == "byte":
        _check_base64(value, place)


def _check_base64(value: str, place: str) -> None:
    try:
        base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ContractError(f"{place} is not base64url") from error


def _check_mask(mask: str, method: Method) -> None:
    """`fields=a,b(c,d/e)` names fields that the answer has."""
    reference = method.body.get("response", {}).get("$ref")
    if reference is None:
        raise ContractError(f"{method.id} answers with nothing: no fields")
    rest = _mask(mask, {"$ref": reference}, method, 0)
    if rest != len(mask):
        raise ContractError(f"{method.id}: fields={mask!r} ends early")


def _mask(mask: str, rule: Mapping[str, Any], method: Method, at: int) -> int:
    while True:
        found = re.compile(r"[A-Za-z0-9_*]+").match(mask, at)
        if found is None:
            raise ContractError(f"{method.id}: fields={mask!r}")
        inner = _field(rule, found[0], method, mask)
        at = found.end()
        if mask[at : at + 1] in {"(", "/"}:
            closing = mask[at] == "("
            at = (
                _mask(mask, inner, method, at + 1) if closing else _one(mask, inner, method, at + 1)
            )
            at += closing
        if mask[at : at + 1] != ",":
            return at
        at += 1


def _one(mask: str, rule: Mapping[str, Any], method: Method, at: int) -> int:
    found = re.compile(r"[A-Za-z0-9_*]+").match(mask, at)
    if found is None:
        raise ContractError(f"{method.id}: fields={mask!r}")
    inner = _field(rule, found[0], method, mask)
    end = found.end()
    if mask[end : end + 1] == "/":
        return _one(mask, inner, method, end + 1)
    if mask[end : end + 1] == "(":
        return _mask(mask, inner, method, end + 1) + 1
    return end


def _field(rule: Mapping[str, Any], name: str, method: Method, mask: str) -> Mapping[str, Any]:
    while "$ref" in rule or rule.get("type") == "array":
        rule = method.schemas[rule["$ref"]] if "$ref" in rule else rule["items"]
    if name == "*":
        return rule
    known = rule.get("properties", {})
    if name not in known and "additionalProperties" not in rule:
        raise ContractError(f"{method.id}: fields={mask!r} has no field {name}")
    return known.get(name, rule.get("additionalProperties", {}))


class ContractTransport(httpx2.AsyncBaseTransport):
    """Checks all that passes to `inner` and back; `calls` is what was called: (method id, path)."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, contract: Contract) -> None:
        self._inner = inner
        self._contract = contract
        self.calls: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url, body = str(request.url), await request.aread()
        if NOT_GOOGLE.match(url) or "upload_id" in request.url.params:
            return await self._inner.handle_async_request(request)
        if urlsplit(url).path.startswith("/batch/"):
            return await self._batch(request, body)
        method = self._contract.check_request(
            request.method, url, body, request.headers.get("content-type", "")
        )
        self.calls.append((method.id, unquote(urlsplit(url).path)))
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        begun = "location" in answer.headers and not content  # an upload that comes in parts
        if request.url.params.get("alt") != "media" and answer.status_code != 308 and not begun:
            self._contract.check_answer(method, answer.status_code, content)
        return answer

    async def _batch(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        methods = [
            self._contract.check_request(verb, f"https://{request.url.host}{path}")
            for verb, path in re.findall(rb"^(GET|POST|PUT|PATCH|DELETE) (\S+)", body, re.MULTILINE)
            for verb, path in [(verb.decode(), path.decode())]
        ]
        paths = [path.decode() for path in re.findall(rb"^[A-Z]+ (/\S+)", body, re.MULTILINE)]
        self.calls += [
            (method.id, unquote(urlsplit(path).path))
            for method, path in zip(methods, paths, strict=True)
        ]
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        head = b"Content-Type: " + answer.headers["content-type"].encode() + b"\r\n\r\n"
        whole = BytesParser(policy=HTTP).parsebytes(head + content)
        for method, part in zip(methods, whole.iter_parts(), strict=True):  # pyright: ignore[reportAttributeAccessIssue]
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            status = int(payload.split(b" ", 2)[1])
            _, _, inner = payload.replace(b"\r\n", b"\n").partition(b"\n\n")
            self._contract.check_answer(method, status, inner.strip())
        return answer
