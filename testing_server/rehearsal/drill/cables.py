"""The cable between each seat and the server: a relay on loopback that can be pulled out and put back.

Takes the server's ports; seat number N reaches them at an address of its own (127.0.1.N), where a system has them.
"""
from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

Passing = Callable[[], Awaitable[None]]
PIECE_BYTES = 64 * 1024
IN_ONE_NET = 250


@dataclass
class Cable:
    """`is_out`: connections end and new ones are refused."""

    is_out: bool = False
    writers: set[asyncio.StreamWriter] = field(default_factory=set)


def address_seat(number: int) -> str:
    """Loopback is a whole network: an address for every seat, from 1 on."""
    return f"127.0.{1 + (number - 1) // IN_ONE_NET}.{1 + (number - 1) % IN_ONE_NET}"


def can_have_cables() -> bool:
    """Whether this system answers at other addresses of loopback than 127.0.0.1 (Linux does)."""
    with socket.socket() as tried:
        try:
            tried.bind((address_seat(1), 0))
        except OSError:
            return False
    return True


class Cables:
    """`ports`: port at every seat's address → port of the server on 127.0.0.1; may be changed while it works."""

    def __init__(self, ports: Mapping[int, int]) -> None:
        self.ports = ports
        self._cables: dict[int, Cable] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="cables").start()

    def lay(self, number: int) -> str:
        """The seat's address. Raises OSError where another program listens there."""
        self._cables[number] = self._make_cable()
        self._run(self._listen(self._cables[number], address_seat(number)))
        return address_seat(number)

    def pull_out(self, number: int) -> None:
        """Every connection is reset, new ones are refused."""
        self._run(self._cut(self._cables[number]))

    def put_back(self, number: int) -> None:
        """New connections pass again."""
        self._cables[number].is_out = False

    def close(self) -> None:
        """Nothing is relayed any more."""
        for cable in self._cables.values():
            self._run(self._cut(cable))
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _listen(self, cable: Cable, host: str) -> None:
        for port in self.ports:
            await asyncio.start_server(lambda reader, writer, port=port: self._serve(  # type: ignore[misc]
                cable, port, reader, writer), host, port)

    async def _cut(self, cable: Cable) -> None:
        cable.is_out = True
        for writer in list(cable.writers):
            writer.transport.abort()

    async def _serve(self, cable: Cable, port: int, reader: asyncio.StreamReader,
                     writer: asyncio.StreamWriter) -> None:
        try:
            if cable.is_out:
                raise ConnectionAbortedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.ports[port])
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        cable.writers |= both
        if cable.is_out:
            # pulled out while the far end was being reached
            await self._cut(cable)
        passing = self._make_passing(cable)
        pumps = [asyncio.create_task(_pump(passing, reader, far_writer)),
                 asyncio.create_task(_pump(passing, far_reader, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        for one in both:
            one.transport.abort() if cable.is_out else one.close()
        cable.writers -= both

    def _make_cable(self) -> Cable:
        return Cable()

    def _make_passing(self, cable: Cable) -> Passing:
        """What every piece of a new connection waits for: nothing, in a good cable."""
        return pass_at_once


async def pass_at_once() -> None:
    """Nothing to wait for."""


async def _pump(passing: Passing, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(PIECE_BYTES):
            await passing()
            writer.write(piece)
            await writer.drain()
    except OSError:
        return
