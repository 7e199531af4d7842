"""Things with a life: their states and the moves allowed; whatever is not listed is refused (protocol.md §7)."""

from __future__ import annotations

from collections.abc import Mapping

from testing_server.contracts.refusals import MoveRefused

Moves = Mapping[str, frozenset[str]]


def _moves(**table: str) -> dict[str, frozenset[str]]:
    return {state: frozenset(targets.split()) for state, targets in table.items()}


SITTING = _moves(
    draft="ready cancelled fenced", ready="open cancelled fenced", open="running closing fenced",
    running="paused closing fenced", paused="running closing fenced", closing="balanced fenced",
    balanced="packaged fenced", packaged="sent packaged_with_late fenced", sent="receipted packaged_with_late fenced",
    receipted="purged packaged_with_late fenced", packaged_with_late="packaged fenced", purged="", cancelled="",
    fenced="",
)
ATTEMPT = _moves(
    assigned="seated absent spoiled transferred", seated="checked started spoiled transferred",
    checked="started spoiled transferred",
    started="paused interrupted finished spoiled transferred",
    paused="started interrupted finished spoiled transferred",
    interrupted="started paused finished spoiled transferred", finished="reopened spoiled",
    reopened="started spoiled transferred", absent="assigned spoiled", spoiled="", transferred="",
)
LEASE = _moves(granted="open revoked void", open="revoked closed", revoked="", closed="", void="")
WORKSTATION = _moves(
    seen="paired", paired="ready removed blocked", ready="occupied silent blocked", occupied="ready silent blocked",
    silent="ready occupied blocked", blocked="paired removed", removed="seen",
)
RECORDING = _moves(
    recording="stopped partial", stopped="committed partial", committed="whole partial", partial="written_off whole",
    whole="encoded", encoded="packaged", packaged="", written_off="",
)
PACKAGE = _moves(
    receiving="received expired", received="verifying", verifying="accepted quarantined", accepted="superseded",
    quarantined="accepted replaced", superseded="", replaced="", expired="",
)
RELEASE_SLOT = _moves(sealed="sealed open withdrawn", open="withdrawn", withdrawn="")
MARKING_ASSIGNMENT = _moves(
    queued="taken closed", taken="saved queued referred", saved="undone closed remark", undone="saved queued",
    referred="queued closed", remark="queued", closed="",
)
THINGS: dict[str, Moves] = {
    "sitting": SITTING, "attempt": ATTEMPT, "lease": LEASE, "workstation": WORKSTATION, "recording": RECORDING,
    "package": PACKAGE, "release_slot": RELEASE_SLOT, "marking_assignment": MARKING_ASSIGNMENT,
}


def check_move(thing: str, current: str, wanted: str) -> None:
    """Raise MoveRefused unless the table of `thing` lists the move."""
    if wanted not in THINGS[thing].get(current, frozenset()):
        raise MoveRefused(thing, current, wanted)
