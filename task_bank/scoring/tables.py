"""Points by value: mappings, areas of a picture and lookup tables, as plain data that looks values up.

QTI 3.0 information model: Mapping, AreaMapping, MatchTable, InterpolationTable.
"""
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass

from task_bank.scoring.areas import Area
from task_bank.scoring.numbers import Number
from task_bank.scoring.values import Atom, Value


@dataclass(frozen=True)
class Bounds:
    """Limits of a mapped sum; None is no limit."""

    lower: Number | None = None
    upper: Number | None = None

    def keep(self, total: Number) -> Number:
        """The total within the limits."""
        low = total if self.lower is None else max(total, self.lower)
        return low if self.upper is None else min(low, self.upper)


@dataclass(frozen=True)
class ResponseMapping:
    """Points by value. `exact` and `folded` (texts in any case) hold (place in the mapping, points).

    `nothing` are the points of an entry for the empty text, None without one.
    """

    exact: Dictionary[Atom, tuple[int, Number]]
    folded: Dictionary[str, tuple[int, Number]]
    default: Number
    bounds: Bounds
    nothing: Number | None = None

    def map_value(self, value: Value) -> Number:
        """Points: each distinct value counts once, one without an entry gets the default, as does NULL.

        NULL and the empty text are one thing: an entry for the empty text is about no answer.
        """
        if not value.atoms:
            return self.bounds.keep(self.default if self.nothing is None else self.nothing)
        total: Number = 0
        for atom in dict.fromkeys(value.atoms):
            total += self._map_atom(atom)
        return self.bounds.keep(total)

    def _map_atom(self, atom: Atom) -> Number:
        found = self.exact.get(atom)
        if self.folded and isinstance(atom, str):
            also = self.folded.get(atom.casefold())
            if also is not None and (found is None or also[0] < found[0]):
                found = also
        return self.default if found is None else found[1]


@dataclass(frozen=True)
class AreaMapping:
    """Points by area of a picture."""

    entries: tuple[tuple[Area, Number], ...]
    default: Number
    bounds: Bounds

    def map_points(self, value: Value) -> Number:
        """Points of the areas hit: each area counts once, each point in no area gets the default, as does NULL.

        A point takes the first area it lies in: those listed first go before where areas overlap.
        """
        if not value.atoms:
            return self.bounds.keep(self.default)
        hit: dict[int, Number] = {}
        total: Number = 0
        for point in value.atoms:
            found = next((place for place, (area, _) in enumerate(self.entries) if area.holds(point)), None)
            if found is None:
                total += self.default
            else:
                hit[found] = self.entries[found][1]
        return self.bounds.keep(total + sum(hit.values()))


@dataclass(frozen=True)
class LookupTable:
    """Target values by number: `entries` are (source, whether the boundary belongs to it, target)."""

    is_match: bool
    entries: tuple[tuple[Number, bool, Value], ...]
    default: Value

    def look_up(self, number: Number | None) -> Value:
        """The target for a number, the default for NULL and where no entry fits.

        A match table wants the very number, an interpolation table takes the first entry that does not lie above it.
        """
        if number is None:
            return self.default
        for source, with_boundary, target in self.entries:
            if source == number and with_boundary or (source < number and not self.is_match):
                return target
        return self.default


def order_entries(entries: Sequence[tuple[Number, bool, Value]], is_match: bool) -> tuple[
        tuple[Number, bool, Value], ...]:
    """Entries in the order they are tried: as written, but a table written upwards is read from its end.

    Read from its start, the first entry of such a table would take every number; nobody who wrote one meant that.
    """
    sources = [entry[0] for entry in entries]
    upwards = not is_match and sources == sorted(sources)
    return tuple(reversed(entries)) if upwards else tuple(entries)
