"""Packet loss between a seat and the server: rules of nftables in a network of the run's own.

`enter_own_network` starts the program again inside a network namespace that only has its loopback: nothing outside of
it is touched, and no right of the machine's owner is needed where users may make namespaces.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys

MARK = "FAULTS_OWN_NETWORK"
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
TABLE = "seats"


def enter_own_network() -> None:
    """Returns inside such a network, or at once where none can be made: then packets are not lost."""
    if MARK in os.environ or not can_make_network():
        return
    script = 'ip link set lo up && exec "$@"'
    os.execvpe("unshare", ["unshare", "-rn", "sh", "-c", script, "sh", sys.executable, *sys.orig_argv[1:]],
               {**os.environ, MARK: "1", "PATH": PLACES})


def can_make_network() -> bool:
    """Whether this user may, and nftables works there."""
    if not all(shutil.which(program, path=PLACES) for program in ("unshare", "ip", "nft")):
        return False
    tried = subprocess.run(["unshare", "-rn", "sh", "-c", "ip link set lo up && nft add table inet tried"],
                           env={**os.environ, "PATH": PLACES}, capture_output=True, check=False)
    return tried.returncode == 0


def is_own_network() -> bool:
    """Whether packets can be lost here."""
    return MARK in os.environ


def lose_packets(host: str, percent: int) -> None:
    """Of everything to and from a seat's address, until `lose_nothing`."""
    chain = host.replace(".", "_")
    rules = "".join(f"ip {end} {host} meta l4proto tcp numgen random mod 100 < {percent} drop\n"
                    for end in ("saddr", "daddr"))
    hook = "type filter hook input priority 0;"
    text = f"table inet {TABLE} {{ chain s{chain} {{\n{hook}\n{rules}}}\n}}\n"
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


def lose_nothing(host: str) -> None:
    """The rules of one seat go."""
    chain = f"s{host.replace('.', '_')}"
    subprocess.run(["nft", "-f", "-"], text=True, check=True,
                   input=f"flush chain inet {TABLE} {chain}\ndelete chain inet {TABLE} {chain}")
