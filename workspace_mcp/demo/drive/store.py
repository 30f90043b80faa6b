"""Every file of the demo, whoever's it is; `Drive` is what one account sees of it.

Google-native files hold their exported text themselves, until the fake of their own API registers as
their owner: in `exporters`, `creators` and `copiers`, by mime type.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from workspace_mcp.demo.drive.records import (
    FOLDER,
    ROLES,
    Change,
    File,
    Held,
    Permission,
    Revision,
    SharedDrive,
)
from workspace_mcp.demo.http import Refusal
from workspace_mcp.demo.uploads import Sessions

Exporter = Callable[[str, str], bytes]
"""(file id, wanted mime type) → bytes; raises `Refusal` for a type that it cannot make."""
Creator = Callable[[str, str, str, bytes, str], None]
"""(file id, name, owner, bytes, their mime type): a native file was made through Drive; b"" for none."""
Copier = Callable[[str, str], None]
"""(from id, to id): a native file was copied through Drive."""
_DEEP: Final = 50
_KEPT: Final = 100


class Store:
    """All files. `names` is address → display name."""

    def __init__(
        self, number: Callable[[], int], now: Callable[[], datetime], names: Callable[[str], str]
    ) -> None:
        self._number = number
        self.now = now
        self.name_of = names
        self.files: dict[str, File] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.hidden: set[tuple[str, str]] = set()
        """(address, shared drive) that the person does not want to see."""
        self.changes: list[Change] = []
        self.groups: dict[str, frozenset[str]] = {}
        """Address of a group → its members."""
        self.exporters: dict[str, Exporter] = {}
        self.creators: dict[str, Creator] = {}
        self.copiers: dict[str, Copier] = {}
        self.uploads = Sessions()
        self.operations: dict[str, dict[str, Any]] = {}
        self.texts: dict[tuple[str, int], str] = {}
        """(file, number of versions) → what is indexed of it."""
        self.mails: list[dict[str, Any]] = []
        """Notification mails that Google would have sent."""

    # Making

    def fresh(self, prefix: str = "1Demo") -> str:
        """A new id in Google's form."""
        return f"{prefix}{self._number():0{33 - len(prefix)}d}"

    def root_of(self, email: str) -> File:
        """A person's My Drive, made when it is first asked for."""
        for file in self.files.values():
            if file.root and not file.drive and file.owner == email:
                return file
        moment = self.now()
        root = File(self.fresh("0ADemo"), "My Drive", FOLDER, moment, moment, email, root=True)
        root.permissions.append(Permission("user", email, "owner", self.name_of(email)))
        self.files[root.id] = root
        return root

    def new_drive(self, name: str, organizer: str, identifier: str = "") -> SharedDrive:
        """A shared drive with one organizer."""
        drive = SharedDrive(identifier or self.fresh("0BDemo"), name, self.now())
        root = File(
            drive.id, "Drive", FOLDER, drive.created, drive.created, organizer, drive=drive.id,
            root=True,
        )  # fmt: skip
        root.permissions.append(Permission("user", organizer, "organizer", self.name_of(organizer)))
        self.drives[drive.id] = drive
        self.files[drive.id] = root
        return drive

    def put(self, file: File) -> None:
        """Take a file in, with its place's shared drive and, in My Drive, its owner."""
        parent = self.files[file.parent]
        file.drive = parent.drive
        if not file.drive and not file.owner:
            owner = Permission("user", file.by, "owner", self.name_of(file.by))
            file.permissions.insert(0, owner)
        self.files[file.id] = file
        self.changed(file)

    def write(
        self, file: File, data: bytes, mime: str, by: str, *, keep: bool = False,
        at: datetime | None = None,
    ) -> Revision:  # fmt: skip
        """A new version of a file's content; only the last hundred are kept."""
        moment = at or self.now()
        revision = Revision(
            f"0BDemoRev{self._number():024d}" if not file.native else str(len(file.revisions) + 1),
            moment, by, data, mime, file.name, keep,
        )  # fmt: skip
        file.revisions.append(revision)
        loose = [one for one in file.revisions[:-1] if not one.keep]
        for old in loose[: max(0, len(loose) - _KEPT)]:
            file.revisions.remove(old)
        file.modified, file.by = moment, by
        return revision

    def changed(self, file: File, before: Iterable[str] = ()) -> None:
        """Note that something happened to a file."""
        file.version += 1
        seen = frozenset(before) | self.viewers(file)
        self.changes.append(Change(len(self.changes) + 1, file.id, self.now(), seen))

    def remove(self, file: File) -> None:
        """Delete a file for good, with all that lies in it."""
        before = self.viewers(file)
        for child in [one for one in self.files.values() if one.parent == file.id]:
            self.remove(child)
        del self.files[file.id]
        self.changes.append(Change(len(self.changes) + 1, file.id, self.now(), before))

    # Looking

    def ancestors(self, file: File) -> Iterator[File]:
        """The folders that a file lies in, the nearest first."""
        for _ in range(_DEEP):
            parent = self.files.get(file.parent)
            if parent is None:
                return
            yield parent
            file = parent

    def below(self, file: File) -> Iterator[File]:
        """Everything inside a folder, at any depth."""
        for one in list(self.files.values()):
            if any(parent.id == file.id for parent in self.ancestors(one)):
                yield one

    def trashed(self, file: File) -> bool:
        """Whether a file, or a folder around it, is in the trash."""
        return bool(file.trashed) or any(one.trashed for one in self.ancestors(file))

    def held(self, file: File) -> dict[str, list[Held]]:
        """Permission id → the grants of it that hold for a file, those given there first."""
        found: dict[str, list[Held]] = {}
        for place in (file, *self.ancestors(file)):
            for one in place.permissions:
                if one.expires and one.expires <= self.now():
                    continue
                if place is not file and one.role == "owner":
                    if one.who == file.owner:
                        continue  # an owner owns each thing by itself
                    one = Permission(one.kind, one.who, "writer", one.name)  # noqa: PLW2901
                    if place.root:
                        continue
                held = Held(one, place.id, place is not file)
                found.setdefault(one.id, []).append(held)
        return found

    def role(self, file: File, email: str, *, listed: bool = False) -> str:
        """What a person may do; "" for nothing.

        `listed`: by grants that let a file be found without its link.
        """
        domain = email.rpartition("@")[2]
        best = ""
        for holds in self.held(file).values():
            for held in holds:
                one = held.permission
                fits = {
                    "user": one.who == email,
                    "group": email in self.groups.get(one.who, ()),
                    "domain": one.who == domain and (not listed or one.discoverable),
                    "anyone": not listed or one.discoverable,
                }[one.kind]
                if fits and (not best or ROLES.index(one.role) > ROLES.index(best)):
                    best = one.role
        return best

    def may(self, file: File, email: str, role: str) -> bool:
        """Whether a person has at least a role."""
        found = self.role(file, email)
        return bool(found) and ROLES.index(found) >= ROLES.index(role)

    def viewers(self, file: File) -> frozenset[str]:
        """Everybody who is named in a grant."""
        found = [held.permission for holds in self.held(file).values() for held in holds]
        members = [who for one in found for who in self.groups.get(one.who, ())]
        return frozenset([one.who for one in found if one.kind == "user"] + members)


class Drive:
    """The Drive of one account, for scenarios, tests and the fakes of Docs, Sheets and Slides."""

    def __init__(self, email: str, store: Store) -> None:
        self.email = email
        self.store = store

    @property
    def root(self) -> File:
        """My Drive."""
        return self.store.root_of(self.email)

    @property
    def exporters(self) -> dict[str, Exporter]:
        """Mime type → who exports files of it."""
        return self.store.exporters

    @property
    def creators(self) -> dict[str, Creator]:
        """Mime type → who is told that Drive made a file of it."""
        return self.store.creators

    @property
    def copiers(self) -> dict[str, Copier]:
        """Mime type → who is told that Drive copied a file of it."""
        return self.store.copiers

    def add(
        self, name: str, mime_type: str, owner: str = "", *, id: str = "", parent: str = "",
        content: bytes | str = b"", at: datetime | None = None,
    ) -> File:  # fmt: skip
        """A new file, in the owner's My Drive unless `parent` names a folder. Nobody is told of it."""
        by = (owner or self.email).lower()
        moment = at or self.store.now()
        place = parent or self.store.root_of(by).id
        file = File(id or self.store.fresh(), name, mime_type, moment, moment, by, place)
        self.store.put(file)
        data = content.encode() if isinstance(content, str) else content
        if mime_type != FOLDER and (data or not file.native):
            self.store.write(file, data, mime_type, by, at=moment)
        return file

    def folder(self, name: str, parent: str = "", at: datetime | None = None) -> File:
        """A new folder."""
        return self.add(name, FOLDER, parent=parent, at=at)

    def file(self, identifier: str) -> File:
        """A file that this account may see.

        Raises:
            Refusal: 404, when it may not, or there is none.
        """
        found = self.root if identifier == "root" else self.store.files.get(identifier)
        if found is None or not self.store.role(found, self.email):
            raise not_found(identifier)
        return found

    def role(self, identifier: str) -> str:
        """What this account may do with a file (reader, commenter, writer, owner …); "" nothing."""
        found = self.store.files.get(identifier)
        return self.store.role(found, self.email) if found else ""

    def share(self, identifier: str, who: str, role: str = "reader", **more: Any) -> Permission:
        """Grant a person, a domain ("example.com") or anyone ("") a role, without a word to them."""
        kind = "anyone" if not who else "user" if "@" in who else "domain"
        if who in self.store.groups:
            kind = "group"
        name = self.store.name_of(who) if kind == "user" else who
        one = Permission(kind, who.lower(), role, name, **more)
        file = self.store.files[identifier]
        file.permissions = [old for old in file.permissions if old.id != one.id] + [one]
        if kind == "user":
            file.shared.setdefault(one.who, self.store.now())
        self.store.changed(file)
        return one

    def touch(self, identifier: str, text: bytes | str = b"") -> None:
        """Another API changed a file: a new revision and a line among the changes."""
        file = self.file(identifier)
        data = text.encode() if isinstance(text, str) else text
        self.store.write(file, data or file.data, file.mime, self.email)
        self.store.changed(file)


def not_found(identifier: str) -> Refusal:
    """Google's 404 of a file."""
    return Refusal(404, f"File not found: {identifier}.", "notFound")
