"""Exact digital silence as it lasts: a pause of a device that closes itself, or a microphone that was switched off.

Takes stretches of samples and whether they repeat one and the same sample, which a living microphone never does for
20 ms; tells since how many samples, and whether that means a dead microphone. Nothing here reads a clock.
"""

from dataclasses import dataclass

# Shorter stretches are chance; a device that closes itself in pauses shows longer ones between words.
PAUSE_MS = 100
# A living microphone was exactly silent for so long: it was switched off.
DEAD_MS = 1500
# Some devices begin to give sound late.
DEAD_AT_FIRST_MS = 2500
# A device of which nothing else is known, or that closes itself, is only told of.
MAYBE_MUTED_MS = 3000


@dataclass
class Habits:
    """What is known of one device from all its recordings. `has_sounded`: it gave more than digital silence;
    `closes_in_pauses`: between words it gives digital silence, as noise suppression of drivers does."""

    has_sounded: bool = False
    closes_in_pauses: bool = False


class Stillness:
    """One recording; `habits` are read and learned."""

    def __init__(self, rate: int, habits: Habits | None = None) -> None:
        self.samples = 0
        self._rate, self._habits = rate, habits or Habits()
        self._sounds_now = False

    def follow(self, length: int, is_still: bool) -> None:
        """The next stretch of `length` samples."""
        if is_still:
            self.samples += length
            return
        if self._sounds_now and PAUSE_MS <= self.lasts_ms < DEAD_MS:
            self._habits.closes_in_pauses = True
        self.samples = 0
        self._sounds_now = self._habits.has_sounded = True

    @property
    def lasts_ms(self) -> int:
        """For how long there has been nothing but digital silence."""
        return self.samples * 1000 // self._rate

    @property
    def is_dead(self) -> bool:
        """Whether a microphone that lived gives digital silence, which is none of its pauses."""
        if not self._habits.has_sounded or self._habits.closes_in_pauses:
            return False
        return self.lasts_ms >= (DEAD_MS if self._sounds_now else DEAD_AT_FIRST_MS)

    @property
    def may_be_muted(self) -> bool:
        """Whether digital silence lasts that may be a pause as well."""
        return self.lasts_ms >= MAYBE_MUTED_MS and not self.is_dead
