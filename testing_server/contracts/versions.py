"""One number for the protocol, apart from the software's release (protocol.md §9)."""

from __future__ import annotations

PROTOCOL = "1.0"
PAYLOAD_TYPES = {
    "archive": "application/vnd.testing-server.archive+json;v=1",
    "hub_keys": "application/vnd.testing-server.hub-keys+json;v=1",
    "school_certificate": "application/vnd.testing-server.school-certificate+json;v=1",
    "workstation_certificate": "application/vnd.testing-server.workstation-certificate+json;v=1",
    "claim": "application/vnd.testing-server.claim+json;v=1",
    "ledger": "application/vnd.testing-server.ledger;v=1",
    "roster": "application/vnd.testing-server.roster+json;v=1",
    "manifest": "application/vnd.testing-server.manifest+json;v=1",
    "receipt": "application/vnd.testing-server.receipt+json;v=1",
    "rehearsal": "application/vnd.testing-server.rehearsal+json;v=1",
    "halves_request": "application/vnd.testing-server.halves-request+json;v=1",
    "postponement": "application/vnd.testing-server.postponement+json;v=1",
    "marking_protocol": "application/vnd.testing-server.marking-protocol+json;v=1",
    "kit": "application/vnd.testing-server.marking-kit+json;v=1",
    "kit_event": "application/vnd.testing-server.kit-event+json;v=1",
    "kit_receipt": "application/vnd.testing-server.kit-receipt+json;v=1",
}


def common_version(own: tuple[str, str], other: tuple[str, str]) -> str | None:
    """The highest minor of one major that both ranges (lowest, highest) hold, None if there is none."""
    low = max(_parse(own[0]), _parse(other[0]))
    high = min(_parse(own[1]), _parse(other[1]))
    return f"{high[0]}.{high[1]}" if low <= high and low[0] == high[0] else None


def _parse(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)
