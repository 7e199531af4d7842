"""Whom this hub trusts with the keys of its slots: itself alone, or holders. Takes settings; gives the roll.

The setting `release_trust` says which. A hub told to use holders seals nothing without their roll: nobody finds out
on the day that the keys lay in its own folder.
"""
from __future__ import annotations

from testing_server.foundation.settings import Settings
from testing_server.preparation.holders.roll import ROLL, Holder, Roll, read_roll

SINGLE, HOLDERS = "single", "holders"


def read_trusted_roll(settings: Settings) -> Roll | None:
    """None where the hub holds its slots' keys itself. Raises BadRoll."""
    return read_roll(settings.keys_folder / ROLL) if settings.release_trust == HOLDERS else None


def list_trusted_holders(settings: Settings) -> tuple[Holder, ...]:
    """Between whom a new slot's key is split, () where it is not. Raises BadRoll."""
    roll = read_trusted_roll(settings)
    return roll.holders if roll else ()
