"""The rehearsal's cables, which here can be slow and half open as well as pulled out; one address for every seat.

Takes the server's ports; what a seat's cable does is changed while it works.
"""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from testing_server.rehearsal.drill.cables import Cable, Cables, Passing, address_seat

LOOK_S = 0.1


@dataclass
class Quality:
    """`delay_s`: for every piece in each direction; `silences`: how often it fell silent, older connections stay so."""

    delay_s: float = 0.0
    is_silent: bool = False
    silences: int = 0


@dataclass
class WornCable(Cable):
    """A cable that passes pieces late or not at all."""

    quality: Quality = field(default_factory=Quality)


class Relay(Cables):
    """Adds delay and silence to what a cable can do."""

    def add_seat(self, number: int) -> str:
        """The seat's own address, laid at the first call."""
        return address_seat(number) if number in self._cables else self.lay(number)

    def set_delay(self, number: int, seconds: float) -> None:
        """Every piece takes so much longer in each direction."""
        self._find(number).delay_s = seconds

    def fall_silent(self, number: int) -> None:
        """Half open: connections stay, nothing passes any more, and nobody is told."""
        quality = self._find(number)
        quality.is_silent = True
        quality.silences += 1

    def mend(self, number: int) -> None:
        """New connections pass again. Those that fell silent stay so: their other end is gone."""
        quality = self._find(number)
        quality.is_silent, quality.delay_s = False, 0.0
        self.put_back(number)

    def _find(self, number: int) -> Quality:
        cable = self._cables[number]
        assert isinstance(cable, WornCable)
        return cable.quality

    def _make_cable(self) -> Cable:
        return WornCable()

    def _make_passing(self, cable: Cable) -> Passing:
        assert isinstance(cable, WornCable)
        quality = cable.quality
        born = quality.silences

        async def wait() -> None:
            while quality.is_silent or born != quality.silences:
                await asyncio.sleep(LOOK_S)
            if quality.delay_s:
                await asyncio.sleep(quality.delay_s)
        return wait
