"""The demonstration: one hub, one classroom, robot candidates who speak, robot experts; ends with a table or stays up.

Takes a folder and a pace. Every part is the real one: processes, TLS, archives, packages; only the people are robots.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing_server.contracts.check_digits import show_login
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import load_settings
from testing_server.foundation.supervision import find_free_port
from testing_server.migrations import upgrade_database
from testing_server.rehearsal.candidates import (
    Seating, has_own_microphone, open_microphone, pair_folder, start_agent, start_robot)
from testing_server.rehearsal.experts import RobotExpert, sign_protocols
from testing_server.rehearsal.founding import (
    CAMPAIGN, ENGLISH, METAPREDMET, Account, Founded, draw_account, found_demonstration)
from testing_server.rehearsal.organizer import LOOK_S, RobotOrganizer
from testing_server.rehearsal.processes import Server, Teller
from testing_server.rehearsal.report import Report, Told, check_forms, check_receipt

ENGLISH_SEATS, METAPREDMET_SEATS, MICROPHONE_SEATS = 4, 2, 2
CODES = ENGLISH_SEATS + METAPREDMET_SEATS + 6
ROOM = "12"
SITTING_S = 3 * 3600
PERSON_SEAT = 12


@dataclass
class Stage:
    """What is running: everything that later steps need."""

    folder: Path
    pace: int
    stack: ExitStack
    report: Report
    founded: Founded
    hub: Server
    classroom: Server
    organizer: RobotOrganizer
    room_account: Account
    passphrase: str
    logins: dict[str, str]
    robots: list[Teller] = field(default_factory=list)
    sittings: dict[str, str] = field(default_factory=dict)
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    forms: dict[str, bytes] = field(default_factory=dict)


def run_once(folder: Path, pace: int, told: Told) -> int:
    """The whole line unattended; prints the table, returns the exit code."""
    with ExitStack() as stack:
        stage = raise_stage(folder, pace, stack, told)
        seat_robots(stage)
        hold_sittings(stage)
        mark_works(stage)
        return stage.report.close(stage.folder)


def run_open(folder: Path, pace: int, told: Told) -> int:
    """Servers and robots run, and somebody may sit down, watch and mark, until Ctrl+C."""
    with ExitStack() as stack:
        stage = raise_stage(folder, pace, stack, told)
        seat_robots(stage)
        page, sitting = seat_person(stage)
        tell_addresses(stage, page)
        _in_background(lambda: start_person(stage, sitting), told)
        hold_sittings(stage)
        told.say("Роботы закончили, пакеты приняты хабом: эксперты могут проверять. Ctrl+C завершает показ.")
        while True:
            time.sleep(3600)


# The stage.


def raise_stage(folder: Path, pace: int, stack: ExitStack, told: Told) -> Stage:
    """Founds the campaign, starts the servers, enrols the school, opens the archives."""
    report = Report(told)
    with told.step("Хаб: школа, коды, два запечатанных архива"):
        hub_data = folder / "hub"
        hub_port, founded = _found(hub_data)
    with told.step("Хаб и сервер аудитории запускаются"):
        hub = _start(stack, Server("hub", hub_data, folder / "hub.log", port=hub_port, host="127.0.0.1",
                                   title="Региональный хаб (демонстрация)"))
        classroom = _start(stack, Server("classroom", folder / "classroom", folder / "classroom.log",
                                         host="127.0.0.1", title=founded.school_name))
    organizer = RobotOrganizer(classroom.address)
    stack.callback(organizer.close)
    account, passphrase = draw_account("organizer"), draw_account("key").password
    with told.step("Школа подключается к хабу, архивы скачиваются, открываются и проверяются"):
        organizer.set_up(founded.school_name, ROOM, passphrase, account, founded.credentials)
        organizer.fetch_archives(list(founded.archives.values()))
        logins = organizer.fetch_roster(founded.day)
    return Stage(folder, pace, stack, report, founded, hub, classroom, organizer, account, passphrase, logins)


def _found(data: Path) -> tuple[int, Founded]:
    port = find_free_port()
    settings = load_settings("hub", {}, data=data)
    data.mkdir(parents=True, exist_ok=True)
    upgrade_database(settings.storage_url)
    offered = build_services(settings, SystemClock())
    try:
        return port, found_demonstration(offered, f"http://127.0.0.1:{port}", CODES)
    finally:
        offered.storage.close()


def _start(stack: ExitStack, server: Server) -> Server:
    stack.callback(server.stop)
    server.wait_until_healthy()
    return server


# The candidates.


def seat_robots(stage: Stage) -> None:
    """Opens two sittings and seats the robots, each workstation paired by its six digits."""
    codes = sorted(stage.logins)
    english, metapredmet = codes[:ENGLISH_SEATS], codes[ENGLISH_SEATS:ENGLISH_SEATS + METAPREDMET_SEATS]
    for name, chosen in ((ENGLISH, english), (METAPREDMET, metapredmet)):
        stage.sittings[name] = stage.organizer.open_sitting(
            stage.founded.archives[name], stage.founded.day, CAMPAIGN, ROOM, chosen, stage.pace)
    microphone = open_microphone(stage.stack, stage.folder / "sound")
    if microphone is None:
        stage.report.told.say("Виртуального микрофона здесь нет: все роботы говорят из файла.")
    device = microphone.device if microphone else None
    with stage.report.told.step(f"Роботы занимают места: {ENGLISH_SEATS + METAPREDMET_SEATS}"):
        for number, code in enumerate(english + metapredmet, start=1):
            seating = Seating(str(number), stage.logins[code], "en" if code in english else "ru",
                              device if number <= MICROPHONE_SEATS else None)
            robot = start_robot(_server_address(stage), stage.folder / "seats" / str(number), seating, microphone,
                                lambda step, seat=seating.seat: _hear(stage, seat, step), number)  # type: ignore[misc]
            stage.stack.callback(robot.stop)
            stage.robots.append(robot)
            robot.wait_for("paired", 60)


def _server_address(stage: Stage) -> str:
    return f"https://127.0.0.1:{stage.classroom.port}"


def _hear(stage: Stage, seat: str, step: dict[str, Any]) -> None:
    if step["step"] == "pairing":
        stage.organizer.pair(step["code"], seat)
    stage.report.told.follow(seat, step)


def hold_sittings(stage: Stage) -> None:
    """Starts, waits for the last candidate, closes, packages and sends both sittings."""
    for name, seats in ((ENGLISH, ENGLISH_SEATS), (METAPREDMET, METAPREDMET_SEATS)):
        stage.organizer.start_when_ready(stage.sittings[name], seats)
    stage.organizer.note_incident(stage.sittings[ENGLISH], "Демонстрация: робот уронил ручку, работа не прерывалась.")
    with stage.report.told.step(f"Экзамен идёт (часы в {stage.pace} раз быстрее, звук с обычной скоростью)"):
        for robot in stage.robots:
            stage.report.count_robot(robot.name, robot.wait_for("done", SITTING_S), robot)
    for name, sitting in stage.sittings.items():
        with stage.report.told.step(f"Пакет «{name}»: закрыт, подписан, отправлен, квитанция хаба"):
            stage.organizer.close_sitting(sitting)
            package = stage.organizer.send_package(sitting)
            check_receipt(stage.report, package)
            stage.packages[name] = package


# The marking.


def mark_works(stage: Stage) -> None:
    """Experts mark side by side, the head signs, the forms are fetched and checked."""
    with stage.report.told.step("Эксперты слушают и проверяют"):
        experts = [RobotExpert(stage.hub.address, expert.login, expert.password, seed)
                   for seed, expert in enumerate(stage.founded.experts)]
        with ThreadPoolExecutor(len(experts)) as workers:
            tallies = list(workers.map(RobotExpert.mark_all, experts))
        for expert in experts:
            expert.close()
    stage.report.count_marks(tallies)
    with stage.report.told.step("Председатель подписывает протоколы, формы готовы"):
        head, archives = stage.founded.head, stage.founded.archives
        forms = sign_protocols(stage.hub.address, head.login, head.password, list(archives.values()))
        stage.forms = {name: forms[archive] for name, archive in archives.items()}
    check_forms(stage.report, stage.folder, stage.forms, {ENGLISH: ENGLISH_SEATS, METAPREDMET: METAPREDMET_SEATS})


# A person beside the robots.


def seat_person(stage: Stage) -> tuple[str, str]:
    """A paired workstation that waits, and an open sitting at the real pace; gives (page address, sitting)."""
    code = sorted(stage.logins)[ENGLISH_SEATS + METAPREDMET_SEATS]
    sitting = stage.organizer.open_sitting(stage.founded.archives[ENGLISH], stage.founded.day, CAMPAIGN, ROOM,
                                           [code], 1)
    folder = stage.folder / "seats" / "person"
    pair_folder(_server_address(stage), folder, lambda digits: stage.organizer.pair(digits, str(PERSON_SEAT)))
    own = has_own_microphone()
    microphone = None if own else open_microphone(stage.stack, stage.folder / "person-sound", talks=False)
    agent = start_agent(_server_address(stage), folder, microphone, lambda step: None)
    stage.stack.callback(agent.stop)
    told = stage.report.told
    told.say("Микрофон места 12: " + ("ваш собственный." if own else "виртуальный, на этой машине своего нет."))
    return str(agent.wait_for("page", 60)["address"]), sitting


def start_person(stage: Stage, sitting: str) -> None:
    """Starts the person's attempt as soon as the sound check is done."""
    organizer = RobotOrganizer(stage.classroom.address)
    organizer.sign_in(stage.room_account)
    while not any(seat["state"] == "checked" for seat in organizer.look(sitting)["seats"]):
        time.sleep(LOOK_S)
    organizer.command(sitting, "start")


def tell_addresses(stage: Stage, page: str) -> None:
    """Where each kind of user goes, and how they sign in."""
    founded = stage.founded
    code = sorted(stage.logins)[ENGLISH_SEATS + METAPREDMET_SEATS]
    rows = [
        ("Участник, место 12 (адрес действует один раз)", page, f"логин {show_login(stage.logins[code])}"),
        ("Организатор в аудитории, пульт", stage.classroom.address, _show(stage.room_account)),
        ("Ключ школы после перезапуска открывает фраза", stage.classroom.address, stage.passphrase),
        ("Организатор школы, хаб", stage.hub.address, _show(founded.organizer)),
        ("Координатор, хаб", f"{stage.hub.address}/coordinator/live", _show(founded.coordinator)),
        *[("Эксперт, хаб", f"{stage.hub.address}/marking", _show(one)) for one in founded.experts],
        ("Председатель комиссии, хаб", f"{stage.hub.address}/commission", _show(founded.head)),
    ]
    told = stage.report.told
    told.say("\nАдреса и логины этого показа (у хаба и пульта разные входы; второго человека откройте в другом окне):")
    for who, where, entry in rows:
        # whole lines, not a table: an address must be copied in one piece
        told.say(f"  {who}\n    {where}\n    {entry}")
    told.say("")


def _show(account: Account) -> str:
    shown = f"{account.login} / {account.password}"
    if account.telephone:
        shown += f"\n    ключ для приложения с кодами: {account.telephone}" \
                 f"\n    или запасные коды, каждый на один вход: {', '.join(account.paper)}"
    return shown


def _in_background(act: Any, told: Told) -> None:
    def run() -> None:
        try:
            act()
        except Exception as error:
            told.say(f"Место 12 не началось само: {error}. Нажмите «Начать» на пульте.")
    threading.Thread(target=run, daemon=True).start()
