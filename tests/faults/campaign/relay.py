"""The cable between a seat and the server, as a relay that can be slow, silent or cut; one address for every seat.

Takes the server's ports; seat number N reaches them at 127.0.1.N. What a seat's cable does is changed while it works.
"""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

PIECE_BYTES = 64 * 1024
LOOK_S = 0.02


@dataclass
class Cable:
    """`delay_s`: for every piece in each direction; `is_down`: connections end and new ones are refused."""

    delay_s: float = 0.0
    is_down: bool = False
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    dead: set[int] = field(default_factory=set)
    generation: int = 0
    is_silent: bool = False


class Relay:
    """`ports`: port at a seat's address -> port of the server on 127.0.0.1; may be changed while it works."""

    def __init__(self, ports: dict[int, int]) -> None:
        self.ports = ports
        self._cables: dict[int, Cable] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="relay").start()

    def add_seat(self, number: int) -> str:
        """The seat's own address."""
        host = f"127.0.1.{number}"
        if number not in self._cables:
            self._cables[number] = Cable()
            self._run(self._open(number, host))
        return host

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _open(self, number: int, host: str) -> None:
        for port in self.ports:
            await asyncio.start_server(lambda reader, writer, port=port: self._serve(  # type: ignore[misc]
                self._cables[number], port, reader, writer), host, port)

    # What a cable can do.

    def set_delay(self, number: int, seconds: float) -> None:
        """Every piece takes so much longer in each direction."""
        self._cables[number].delay_s = seconds

    def cut(self, number: int) -> None:
        """Every connection is reset, new ones are refused."""
        self._run(self._cut(self._cables[number]))

    async def _cut(self, cable: Cable) -> None:
        cable.is_down = True
        for writer in list(cable.writers):
            writer.transport.abort()

    def fall_silent(self, number: int) -> None:
        """Half open: connections stay, nothing passes any more, and nobody is told."""
        self._cables[number].is_silent = True
        self._cables[number].generation += 1

    def mend(self, number: int) -> None:
        """New connections pass again. Those that fell silent stay so: their other end is gone."""
        cable = self._cables[number]
        cable.is_down, cable.is_silent, cable.delay_s = False, False, 0.0

    # One connection.

    async def _serve(self, cable: Cable, port: int, reader: asyncio.StreamReader,
                     writer: asyncio.StreamWriter) -> None:
        if cable.is_down:
            writer.transport.abort()
            return
        born = cable.generation
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.ports[port])
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        cable.writers |= both
        pumps = [asyncio.create_task(self._pump(cable, born, reader, far_writer)),
                 asyncio.create_task(self._pump(cable, born, far_reader, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(LOOK_S)
        for pump in pumps:
            pump.cancel()
        for one in both:
            one.transport.abort() if cable.is_down else one.close()
        cable.writers -= both

    async def _pump(self, cable: Cable, born: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE_BYTES):
                while cable.is_silent or born != cable.generation:
                    await asyncio.sleep(LOOK_S * 5)
                if cable.delay_s:
                    await asyncio.sleep(cable.delay_s)
                writer.write(piece)
                await writer.drain()
        except OSError:
            return
