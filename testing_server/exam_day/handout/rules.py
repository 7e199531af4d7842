"""Decisions about handing out. Pure: digests, states and addresses come in as arguments."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _

from testing_server.contracts.handout import Handout
from testing_server.foundation.refusals import Refusal

# protocol.md §9: from "ready" to the hub's receipt the software of a sitting stays what it is.
FREEZING = frozenset({"ready", "open", "running", "paused", "closing", "balanced", "packaged", "sent",
                      "packaged_with_late"})
# An installer of Python lies beside the wheels for people.
PROBE_LIMIT = 2 * 1024 * 1024


class NothingToHandOut(Refusal):
    code = "nothing_to_hand_out"
    status = 404
    message = _("На этом сервере нет программ для рабочих мест.")
    remedy = _("Положите папку dist рядом с данными сервера; её собирает команда make dist.")


class HandoutDamaged(Refusal):
    code = "handout_damaged"
    status = 503
    message = _("Папка с программами для рабочих мест повреждена или скопирована не до конца.")
    remedy = _("Скопируйте папку dist ещё раз целиком.")


def is_frozen(states: Iterable[str]) -> bool:
    """Whether workstations must not be updated now."""
    return any(state in FREEZING for state in states)


def find_incomplete(handout: Handout, sizes: dict[str, int]) -> list[str]:
    """Names that are missing or of another size; digests are compared by whoever installs."""
    return [file.name for file in handout.files if sizes.get(file.name) != file.bytes]


def list_addresses(hosts: Sequence[str], port: int) -> list[str]:
    """What a workstation may be told, one for each network of this computer; loopback only where there is no other."""
    others = [host for host in hosts if not host.startswith("127.")]
    return [f"https://{host}:{port}" for host in others or hosts]


def make_command(system: str, address: str, digest: str) -> str:
    """One line for a terminal of a new workstation: fetch the installer, compare its digest, run it.

    The digest is what makes it safe to fetch before anything is trusted: the installer carries the authority.
    """
    fetch = f"-sko install.py {address}/install.py"
    if system == "windows":
        return (f"curl.exe {fetch}; if ((Get-FileHash install.py).Hash -eq '{digest.upper()}') "
                f"{{ py install.py {address} }} else {{ 'STOP: install.py {digest[:8]}' }}")
    # No two spaces in a row: copied from a page they would become one.
    return (f"curl {fetch} && [ \"$(sha256sum < install.py | cut -c1-64)\" = {digest} ] "
            f"&& python3 install.py {address} || echo 'STOP: install.py {digest[:8]}'")
