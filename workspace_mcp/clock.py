"""The present, in the zone of this machine or in one that was asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The zone of this machine, by its own rules at every date (not today's offset alone)."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Offset at `dt`, by the machine's rules."""
        return self._there(dt).utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not known apart from the offset."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Like "CET"."""
        return self._there(dt).tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """`dt`, which is in UTC, as local time."""
        offset = dt.replace(tzinfo=UTC).astimezone().utcoffset() or timedelta(0)
        return dt + offset

    @staticmethod
    def _there(dt: datetime | None) -> datetime:
        return (dt or datetime.now()).replace(tzinfo=None).astimezone()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """A `tools.Clock`. `present` gives an aware time in any zone."""

    zone: tzinfo = field(default_factory=LocalZone)
    present: Callable[[], datetime] = _now

    def now(self) -> datetime:
        """Aware, in `zone`."""
        return self.present().astimezone(self.zone)
