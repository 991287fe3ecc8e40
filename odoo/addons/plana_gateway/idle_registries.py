"""Which registries a process may drop: those that nobody has used for a while.

Odoo drops a registry only when there are too many. In a pool most tenants sleep, and each loaded
registry costs 6 to 10 MB in each process; the next request simply loads it again.

In use means: a connection to its database is borrowed, as every request, schedule and WebSocket
event does while it works. Dropping a registry never harms who still holds it; closing a connection
in use would, so those are left alone.
"""

from dataclasses import dataclass, field

# Between asking for a registry and borrowing a connection lies no more than this.
GRACE_SECONDS = 5.0
_LONGEST_TICK_SECONDS = 30.0
_SHORTEST_TICK_SECONDS = 0.2
_MEMORY_TICK_SECONDS = 5.0
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """0 means: never for its sake."""

    idle_seconds: float = 0.0
    max_memory_bytes: int = 0

    @property
    def is_none(self):
        return not self.idle_seconds and not self.max_memory_bytes

    @property
    def tick_seconds(self):
        """How often to look: often enough that an idle registry outstays by a quarter at most."""
        by_idle = self.idle_seconds / 4 if self.idle_seconds else _LONGEST_TICK_SECONDS
        by_memory = _MEMORY_TICK_SECONDS if self.max_memory_bytes else _LONGEST_TICK_SECONDS
        return max(_SHORTEST_TICK_SECONDS, min(by_idle, by_memory, _LONGEST_TICK_SECONDS))


@dataclass
class Uses:
    """When each database's registry was last asked for, on a monotonic clock."""

    _last: dict = field(default_factory=dict)

    def touch(self, database, now):
        self._last[database] = now

    def least_recent(self, loaded, now):
        """The loaded ones with their idle seconds, longest first; the others are forgotten."""
        for database in loaded:
            self._last.setdefault(database, now)
        for database in self._last.keys() - set(loaded):
            self._last.pop(database, None)
        idle = [(now - self._last.get(database, now), database) for database in loaded]
        return [(database, seconds) for seconds, database in sorted(idle, reverse=True)]


def limits_from(environment):
    """PULSE_REGISTRY_IDLE_SECONDS and PULSE_REGISTRY_MAX_MEMORY_MB, both 0 by default."""
    return Limits(
        idle_seconds=_number(environment, 'PULSE_REGISTRY_IDLE_SECONDS'),
        max_memory_bytes=int(_number(environment, 'PULSE_REGISTRY_MAX_MEMORY_MB') * _MEGABYTE),
    )


def sweep(limits, uses, registries, now):
    """One look at all of them; what was evicted.

    `registries` offers `loaded()`, `is_in_use(database)`, `evict(database)`, `memory_bytes()` and
    `protected`, the databases that stay.
    """
    evicted = []
    over = bool(limits.max_memory_bytes) and registries.memory_bytes() > limits.max_memory_bytes
    for database, idle_seconds in uses.least_recent(registries.loaded(), now):
        if database in registries.protected or idle_seconds < GRACE_SECONDS and over:
            continue
        too_idle = limits.idle_seconds and idle_seconds >= limits.idle_seconds
        if not too_idle and not over:
            continue
        if registries.is_in_use(database):
            uses.touch(database, now)
            continue
        if registries.evict(database):
            evicted.append(database)
            over = over and registries.memory_bytes() > limits.max_memory_bytes
    return evicted


def _number(environment, name):
    text = environment.get(name, '') or '0'
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float('inf'):
        raise ValueError(f'{name} must be a number of at least 0, not {text!r}')
    return value
