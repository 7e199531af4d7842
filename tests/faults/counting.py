"""Counts of kills and of what they cost, and the table of them. `FAULTS` in the environment: how many random kills."""
from __future__ import annotations

import os
from dataclasses import dataclass

SHORT = 2


@dataclass
class Row:
    """What killing one kind of process cost, summed. `slowest_s`: until the candidates' answers arrived again."""

    what: str
    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    slowest_s: float = 0.0


TABLE: list[Row] = []


def count_kills() -> int:
    """How many random kills this run makes: FAULTS, or a handful."""
    return int(os.environ.get("FAULTS") or SHORT)


def show_table(rows: list[Row] | None = None) -> str:
    """One line for each kind, `lost: N` at the end."""
    rows = TABLE if rows is None else rows
    head = f"\n{'killed':<12}{'kills':>7}{'acknowledged':>14}{'lost':>6}{'slowest return, s':>20}"
    lines = [f"{row.what:<12}{row.kills:>7}{row.acknowledged:>14}{row.lost:>6}{row.slowest_s:>20.1f}" for row in rows]
    return "\n".join([head, *lines, f"lost: {sum(row.lost for row in rows)}"])
