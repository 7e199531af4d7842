"""Whether this machine's clock is synchronised. Takes a time server's address, or asks the kernel; gives a verdict.

A keeper's hour is its own: a clock nobody sets right opens nothing. The kernel tells what its time service keeps
(adjtimex, Linux); where it cannot, the keeper asks a time server itself (SNTP, RFC 4330).
"""
from __future__ import annotations

import ctypes
import socket
import struct
import sys

SNTP_PORT, SNTP_PACKET = 123, 48
# seconds between 1900, where SNTP counts from, and 1970
EPOCH_1900_S = 2_208_988_800
CLIENT_MODE = b"\x23"
TIMEOUT_S = 2.0
MOST_OFFSET_MS = 1000
UNSYNCHRONISED, CLOCK_ERROR = 0x40, 5


class NoTimeServer(Exception):
    """The time server did not answer, or not as one."""


def ask_kernel() -> bool:
    """Whether the system's time service says that it keeps this clock right; False where there is none."""
    if not sys.platform.startswith("linux"):
        return False
    # struct timex is 208 bytes on 64-bit Linux; `modes` 0 only reads, `status` stands at byte 40
    told = ctypes.create_string_buffer(256)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(told)
    status = struct.unpack_from("i", told.raw, 40)[0]
    return state not in (-1, CLOCK_ERROR) and not status & UNSYNCHRONISED


def ask_time_server(address: str, now_ms: int) -> int:
    """The server's time minus ours, in ms. `address`: host or host:port. Raises NoTimeServer."""
    host, _, port = address.partition(":")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(TIMEOUT_S)
            line.connect((host, int(port or SNTP_PORT)))
            line.send(CLIENT_MODE + bytes(SNTP_PACKET - 1))
            answer = line.recv(SNTP_PACKET)
    except (OSError, ValueError) as error:
        raise NoTimeServer(f"{address}: {error}") from error
    if len(answer) < SNTP_PACKET or answer[0] & 7 != 4 or answer[0] >> 6 == 3 or not 0 < answer[1] < 16:
        raise NoTimeServer(f"{address} does not know the time itself")
    seconds, fraction = struct.unpack("!II", answer[40:48])
    return (seconds - EPOCH_1900_S) * 1000 + (fraction * 1000 >> 32) - now_ms


def is_synchronised(time_server: str, now_ms: int) -> bool:
    """By the named time server, else by the kernel."""
    if not time_server:
        return ask_kernel()
    try:
        return abs(ask_time_server(time_server, now_ms)) <= MOST_OFFSET_MS
    except NoTimeServer:
        return False
