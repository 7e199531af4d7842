"""What is known of the line to the hub. In memory; takes nothing, gives what the console shows."""
from __future__ import annotations

from dataclasses import dataclass

from testing_server.preparation.hub_link import HubLink


@dataclass
class HubHearing:
    """When the hub last answered (Unix ms), and what stands in the way (code of a refusal, "" for nothing)."""

    last_heard_ms: int | None = None
    trouble: str = ""
    watched: bool = False
    link: HubLink | None = None
    busy: bool = False
    due_ms: int = 0
