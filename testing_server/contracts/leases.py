"""Generations and leases: who leads a sitting, which workstation writes for an attempt (protocol §2, §3)."""

from __future__ import annotations

from dataclasses import dataclass

GENERATION_STEP = 4096
LEASE_STEP = 1024


def make_generation(counter: int, random_bits: int) -> int:
    """counter * 4096 + 12 random bits: a total order with no tie even if two servers claim at once."""
    return counter * GENERATION_STEP + random_bits % GENERATION_STEP


def make_lease(generation: int, ordinal: int) -> int:
    """Lease number of the `ordinal`-th (1..) lease of an attempt in a generation; larger is newer."""
    if not 1 <= ordinal < LEASE_STEP:
        raise ValueError(f"lease ordinal {ordinal} out of 1..{LEASE_STEP - 1}")
    return generation * LEASE_STEP + ordinal


@dataclass(frozen=True)
class LeaseName:
    """A lease as people read it: "generation 2, lease 3"."""

    generation_counter: int
    ordinal: int


def name_lease(lease: int) -> LeaseName:
    """The two small numbers a screen shows instead of the lease number."""
    return LeaseName(lease // LEASE_STEP // GENERATION_STEP, lease % LEASE_STEP)
