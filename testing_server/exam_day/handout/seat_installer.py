"""Installs a workstation from its classroom server. Ставит программу рабочего места с сервера аудитории.

    python3 install.py https://ADDRESS:PORT [--folder FOLDER] [--no-autostart]

Needs Python 3.11 or newer and nothing else: the server serves this file with its authority inside, and only a server
of that authority is believed. What is fetched is compared with the digests of the server's list, installed without any
other network into an environment of its own, and set to start by itself.
"""

import argparse
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

AUTHORITY = """@AUTHORITY@"""
OLDEST_PYTHON = (3, 11)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")
SECONDS = 60


class Stop(Exception):
    """What a person has to do."""


def main(words: list[str]) -> int:
    """0 when the workstation is installed."""
    parser = argparse.ArgumentParser(description="Установка рабочего места / install a workstation")
    parser.add_argument("server", help="https://ADDRESS:PORT")
    parser.add_argument("--folder", type=Path, default=default_folder(), help="where to install")
    parser.add_argument("--no-autostart", action="store_true", help="do not start by itself")
    asked = parser.parse_args(words)
    try:
        install(asked.server.rstrip("/"), asked.folder.absolute(), not asked.no_autostart)
    except Stop as stop:
        print(f"СТОП: {stop}", file=sys.stderr)
        return 1
    return 0


def default_folder() -> Path:
    """The environment's place, beside the journal and never inside it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home())), "kiosk-client-program")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share", "kiosk-client-program")


def install(server: str, folder: Path, starts_itself: bool) -> None:
    """All steps. Raises Stop."""
    if sys.version_info < OLDEST_PYTHON:
        raise Stop(f"нужен Python 3.11 или новее / Python 3.11 or newer is needed ({sys.version.split()[0]})")
    opener = make_opener(AUTHORITY)
    listed = read_list(fetch(opener, f"{server}/v1/handout"))
    wanted = [file for file in listed["files"] if name_target() in file["targets"]]
    if not wanted:
        raise Stop(f"на сервере нет программы для этого компьютера / nothing for this computer ({name_target()})")
    with tempfile.TemporaryDirectory() as wheels:
        for number, file in enumerate(wanted, 1):
            print(f"{number}/{len(wanted)} {file['name']}")
            keep(opener, server, file, Path(wheels))
        fill(folder, Path(wheels), listed["version"])
    program = [str(find_python(folder)), "-m", "kiosk_client"]
    if starts_itself:
        run([*program, "--server", server, "install"])
    print(f"Готово / done: {folder}\nПроверка / check: {' '.join([*program, '--server', server, 'check'])}")


def make_opener(authority: str) -> urllib.request.OpenerDirector:
    """Believes servers of this authority alone, whatever their name; never asks a proxy. Raises Stop."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError) as error:
        raise Stop(f"этот файл надо взять с сервера / take this file from the server ({error})") from error
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))


def fetch(opener: urllib.request.OpenerDirector, address: str) -> bytes:
    """Raises Stop."""
    if not address.startswith("https://"):
        raise Stop(f"адрес сервера начинается с https:// / the address begins with https:// ({address})")
    try:
        with opener.open(address, timeout=SECONDS) as answer:
            body: bytes = answer.read()
            return body
    except (OSError, ValueError) as error:
        raise Stop(f"сервер не отвечает или это другой сервер / no answer, or another server: {address}: {error}"
                   ) from error


def read_list(body: bytes) -> dict:
    """The server's list, with names that lead nowhere else. Raises Stop."""
    try:
        listed = json.loads(body)
        is_good = listed["format"] == "handout/1" and re.fullmatch(r"[0-9A-Za-z.+!-]{1,60}", listed["version"])
        names = [file["name"] for file in listed["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Stop(f"список программ не читается / the list cannot be read: {error}") from error
    if not is_good or not all(NAME.fullmatch(name) for name in names):
        raise Stop("список программ другого вида: возьмите install.py заново / the list has another form")
    return dict(listed)


def keep(opener: urllib.request.OpenerDirector, server: str, file: dict, folder: Path) -> None:
    """Fetch one file and compare its digest. Raises Stop."""
    body = fetch(opener, f"{server}/v1/handout/files/{file['name']}")
    if hashlib.sha256(body).hexdigest() != file["sha256"]:
        raise Stop(f"файл повреждён / damaged: {file['name']}")
    (folder / file["name"]).write_bytes(body)


def name_target() -> str:
    """This computer as the list names it."""
    system = "win_amd64" if sys.platform == "win32" else "linux"
    return f"{system}-cp{sys.version_info[0]}{sys.version_info[1]}"


def fill(folder: Path, wheels: Path, version: str) -> None:
    """An environment with the program; one that is there already gets this version. Raises Stop."""
    if not find_python(folder).exists():
        try:
            venv.create(folder, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Stop(f"среда Python не создаётся (на Debian нужен пакет python3-venv) / no environment: {error}"
                       ) from error
    run([str(find_python(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index",
         "--find-links", str(wheels), f"testing-server=={version}"])


def find_python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def run(command: list[str]) -> None:
    """Raises Stop with what it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(command, env={**clean, "PIP_CONFIG_FILE": os.devnull}, check=False)
    if done.returncode:
        raise Stop(f"не получилось / failed ({done.returncode}): {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
