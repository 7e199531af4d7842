"""The will-it-fit guard. Pure: what the work needs and what the machines have come in as numbers; findings come out.

Sources of the numbers. Sound: audio-facts ("KB per minute"), the seat keeps raw PCM of 48 kHz, the server raw PCM and
two copies as FLAC (one encoded, one in the package). Reserve of the server's disk: protocol §4. Growth of the server's
memory a seat: performance-facts (106 MB with 200 sockets, 77 MB without), rounded up. Battery: an assumption, not a
measurement: a school notebook lives two hours and a half with screen, microphone and Wi-Fi on.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any

from flask_babel import lazy_gettext as _

MEGABYTE = 1_000_000
PCM_BYTES_S = 96_000
FLAC_BYTES_S = 26_600
SERVER_BYTES_S = PCM_BYTES_S + 2 * FLAC_BYTES_S
SERVER_RESERVE_BYTES = 500 * MEGABYTE
SERVER_COMFORT_BYTES = 2_000 * MEGABYTE
SEAT_RESERVE_BYTES = 200 * MEGABYTE
SERVER_MEMORY_BYTES = 250 * MEGABYTE
MEMORY_BYTES_A_SEAT = MEGABYTE
SEAT_MEMORY_BYTES = 500 * MEGABYTE
BATTERY_MINUTES = 150
BATTERY_RESERVE_PERCENT = 10
# PCM and the wrapping of its parts
SPEAKING_KBYTES_S = 100
TURNOVER_S = 15 * 60


class Word(StrEnum):
    """`no` needs a person's reason to go on; `lost`: going on would lose speech, so nobody may."""

    GOOD = "good"
    UNKNOWN = "unknown"
    ATTENTION = "attention"
    NO = "no"
    LOST = "lost"


@dataclass(frozen=True)
class Battery:
    """`percent` left; `on_mains`: it is being charged."""

    percent: int
    on_mains: bool


@dataclass(frozen=True)
class Load:
    """What the sitting asks. `speaking_s`: recorded seconds of the longest variant with all its takes;
    `materials_bytes`: of the largest variant with its media; `window_s`: until access to the work ends;
    `beside_bytes`: what sittings that are open now will still write on the server; `later_bytes`: what those that are
    prepared will."""

    candidates: int
    variants: int
    speaking_s: int
    duration_s: int
    materials_bytes: int
    window_s: int
    beside_bytes: int = 0
    later_bytes: int = 0

    def count_rounds(self, seats: int) -> int:
        """How often each workstation is used, with so many of them."""
        return max(1, ceil(self.candidates / seats)) if seats else 1

    @property
    def speech_bytes(self) -> int:
        """What the server keeps of everybody's speech."""
        return self.candidates * self.speaking_s * SERVER_BYTES_S

    @property
    def seat_bytes(self) -> int:
        """What one workstation keeps of one candidate: raw speech, the bundle sealed and open."""
        return self.speaking_s * PCM_BYTES_S + 2 * self.materials_bytes


@dataclass(frozen=True)
class Machine:
    """What a computer has; None where nobody measured. `seat`: "" for the server itself."""

    seat: str = ""
    disk_bytes: int | None = None
    memory_bytes: int | None = None
    battery: Battery | None = None
    link_kbytes_s: int | None = None


@dataclass(frozen=True)
class FitFinding:
    """One thing that was compared. `reason`, `remedy`: a sentence each; `seat`: of the workstation it is about."""

    subject: str
    word: Word
    reason: Any
    remedy: Any = ""
    seat: str = ""


@dataclass(frozen=True)
class Fit:
    """All findings, the worst first."""

    findings: Sequence[FitFinding] = field(default_factory=tuple)

    @property
    def word(self) -> Word:
        """Of the worst finding."""
        return self.findings[0].word if self.findings else Word.GOOD

    @property
    def needs_reason(self) -> bool:
        """Whether somebody has to answer for opening the sitting all the same."""
        return self.word == Word.NO

    @property
    def is_refused(self) -> bool:
        """Whether speech would be lost."""
        return self.word == Word.LOST


WORST_FIRST = (Word.LOST, Word.NO, Word.ATTENTION, Word.UNKNOWN, Word.GOOD)


def judge_fit(load: Load, server: Machine, seats: Sequence[Machine]) -> Fit:
    """Everything compared; `seats`: the workstations that may be used, closed ones left out."""
    found = [*judge_server(load, server, len(seats)), *judge_room(load, seats)]
    for seat in seats:
        found += judge_seat(load, seat, load.count_rounds(len(seats)))
    return Fit(tuple(sorted(found, key=lambda one: WORST_FIRST.index(one.word))))


def judge_server(load: Load, server: Machine, seats: int) -> Iterator[FitFinding]:
    """Disk for the speech of all candidates, memory for the seats, battery for the hours."""
    yield _judge_server_disk(load, server.disk_bytes)
    yield _judge_server_memory(min(load.candidates, max(seats, 1)), server.memory_bytes)
    if server.battery is not None:
        yield _judge_battery(load.duration_s, server.battery, "")


def _judge_server_disk(load: Load, free: int | None) -> FitFinding:
    needs = load.speech_bytes + load.beside_bytes
    reason = _tell_speech(load, free)
    if free is None:
        return FitFinding("disk", Word.UNKNOWN, reason)
    if free >= needs + load.later_bytes + SERVER_COMFORT_BYTES:
        return FitFinding("disk", Word.GOOD, reason)
    if free >= needs + SERVER_RESERVE_BYTES:
        return FitFinding("disk", Word.ATTENTION, reason, _tell_tight_disk(load, free - needs - SERVER_RESERVE_BYTES))
    missing = _megabytes(needs + SERVER_RESERVE_BYTES - free)
    remedy = _("Освободите на диске сервера ещё %(missing)s МБ или посадите меньше участников за раз.", missing=missing)
    return FitFinding("disk", Word.LOST if free < needs else Word.NO, reason, remedy)


def _tell_speech(load: Load, free: int | None) -> Any:
    has = "?" if free is None else _megabytes_down(free)
    if not load.beside_bytes:
        return _("Речь: вариантов %(variants)s, участников %(candidates)s по %(minutes)s мин, на сервере это "
                 "%(needs)s МБ; свободно %(free)s МБ.", variants=load.variants, candidates=load.candidates,
                 minutes=ceil(load.speaking_s / 60), needs=_megabytes(load.speech_bytes), free=has)
    return _("Речь: вариантов %(variants)s, участников %(candidates)s по %(minutes)s мин, на сервере это %(needs)s МБ; "
             "ещё %(beside)s МБ допишут открытые сеансы; свободно %(free)s МБ.", variants=load.variants,
             candidates=load.candidates, minutes=ceil(load.speaking_s / 60), needs=_megabytes(load.speech_bytes),
             beside=_megabytes(load.beside_bytes), free=has)


def _tell_tight_disk(load: Load, left: int) -> Any:
    """`left`: bytes beyond what this sitting and the open ones need, with the reserve."""
    if left < load.later_bytes:
        return _("Этому сеансу хватит, а подготовленным на потом не хватит %(missing)s МБ. Освободите их до следующей "
                 "смены.", missing=_megabytes(load.later_bytes - left))
    return _("Хватит, но без запаса. Удалите чужие файлы с диска сервера.")


def _judge_server_memory(seats: int, free: int | None) -> FitFinding:
    needs = SERVER_MEMORY_BYTES + seats * MEMORY_BYTES_A_SEAT
    reason = _("Память сервера: нужно %(needs)s МБ, свободно %(free)s МБ.", needs=_megabytes(needs),
               free="?" if free is None else _megabytes_down(free))
    if free is None:
        return FitFinding("memory", Word.UNKNOWN, reason)
    if free < needs:
        return FitFinding("memory", Word.NO, reason, _("Закройте на сервере другие программы."))
    return FitFinding("memory", Word.GOOD, reason)


def _judge_battery(duration_s: int, battery: Battery, seat: str) -> FitFinding:
    needs = min(100, ceil(duration_s / 60 * 100 / BATTERY_MINUTES) + BATTERY_RESERVE_PERCENT)
    reason = _("Батарея: %(has)s %%, на работу нужно %(needs)s %%.", has=battery.percent, needs=needs)
    if battery.on_mains:
        plugged = _("Питание от сети, батарея %(has)s %%.", has=battery.percent)
        return FitFinding("battery", Word.GOOD, plugged, seat=seat)
    if battery.percent < needs:
        return FitFinding("battery", Word.NO, reason, _("Включите компьютер в сеть."), seat)
    return FitFinding("battery", Word.ATTENTION, reason, _("Хватит, но лучше включить в сеть."), seat)


def judge_room(load: Load, seats: Sequence[Machine]) -> Iterator[FitFinding]:
    """Headsets against candidates, hours against the window, everybody speaking at once against the network."""
    yield _judge_headsets(load, len(seats))
    yield _judge_window(load, len(seats))
    speeds = [seat.link_kbytes_s for seat in seats if seat.link_kbytes_s]
    if load.speaking_s and seats:
        yield _judge_network(min(load.candidates, len(seats)), max(speeds, default=None))


def _judge_headsets(load: Load, seats: int) -> FitFinding:
    reason = _("Рабочих мест %(seats)s, участников %(candidates)s.", seats=seats, candidates=load.candidates)
    if seats >= load.candidates:
        return FitFinding("headsets", Word.GOOD, reason)
    if not seats:
        return FitFinding("headsets", Word.UNKNOWN, reason, _("Включите рабочие места и введите их шесть цифр."))
    return FitFinding("headsets", Word.ATTENTION, reason, _("Разделите участников на смены: так и готовится сеанс."))


def _judge_window(load: Load, seats: int) -> FitFinding:
    rounds = load.count_rounds(seats)
    needs = rounds * load.duration_s + (rounds - 1) * TURNOVER_S
    reason = _("Время: нужно %(needs)s мин (смен: %(rounds)s), доступ к работе закроется через %(has)s мин.",
               needs=ceil(needs / 60), rounds=rounds, has=max(0, load.window_s // 60))
    if needs <= load.window_s:
        return FitFinding("window", Word.GOOD, reason)
    return FitFinding("window", Word.NO, reason, _("Посадите часть участников в другой аудитории или в другой день."))


def _judge_network(speakers: int, best: int | None) -> FitFinding:
    """What one workstation got from the server alone stands for what the network carries for all: on Wi-Fi it does."""
    needs = speakers * SPEAKING_KBYTES_S
    reason = _("Сеть: все говорят сразу, это %(needs)s КБ/с; измерено %(has)s КБ/с.", needs=needs, has=best or "?")
    if best is None:
        return FitFinding("link", Word.UNKNOWN, reason, _("Скорость измерят рабочие места, когда их включат."))
    if best >= needs:
        return FitFinding("link", Word.GOOD, reason)
    return FitFinding("link", Word.NO, reason, _("Подключите места кабелем или разделите участников на смены. Речь не "
                                                 "пропадёт, но придёт на сервер позже."))


def judge_seat(load: Load, seat: Machine, rounds: int = 1) -> Iterator[FitFinding]:
    """One workstation that so many candidates use one after another; nothing is said of what nobody measured there."""
    if seat.disk_bytes is not None:
        yield _judge_seat_disk(load.seat_bytes, rounds, seat.disk_bytes, seat.seat)
    if seat.memory_bytes is not None and seat.memory_bytes < SEAT_MEMORY_BYTES:
        yield _refuse_seat_memory(seat.memory_bytes, seat.seat)
    if seat.battery is not None:
        yield _judge_battery(load.duration_s, seat.battery, seat.seat)
    if load.speaking_s and seat.link_kbytes_s and seat.link_kbytes_s < SPEAKING_KBYTES_S:
        yield _refuse_seat_link(seat.link_kbytes_s, seat.seat)


def _refuse_seat_memory(free: int, seat: str) -> FitFinding:
    reason = _("Место %(seat)s: свободно памяти %(free)s МБ, нужно %(needs)s МБ.", seat=seat,
               free=_megabytes_down(free), needs=_megabytes(SEAT_MEMORY_BYTES))
    return FitFinding("memory", Word.NO, reason, _("Закройте на нём другие программы или закройте место."), seat)


def _refuse_seat_link(speed: int, seat: str) -> FitFinding:
    reason = _("Место %(seat)s: связь %(has)s КБ/с, речи нужно %(needs)s КБ/с.", seat=seat, has=speed,
               needs=SPEAKING_KBYTES_S)
    remedy = _("Подключите кабель или возьмите другое место. Речь не пропадёт, но придёт позже.")
    return FitFinding("link", Word.NO, reason, remedy, seat)


def _judge_seat_disk(needs: int, rounds: int, free: int, seat: str) -> FitFinding:
    """Works stay on a seat until the receipt: whoever sits there next needs room beside those before."""
    reason = _("Место %(seat)s: работа займёт %(needs)s МБ, свободно %(free)s МБ.", seat=seat, needs=_megabytes(needs),
               free=_megabytes_down(free))
    if free >= needs * rounds + SEAT_RESERVE_BYTES:
        return FitFinding("disk", Word.GOOD, reason, seat=seat)
    if free >= needs + SEAT_RESERVE_BYTES:
        return FitFinding("disk", Word.ATTENTION, reason, _(
            "Первому хватит, а садиться сюда будут по очереди: освободите до следующего %(missing)s МБ.",
            missing=_megabytes(needs * rounds + SEAT_RESERVE_BYTES - free)), seat)
    missing = _megabytes(needs + SEAT_RESERVE_BYTES - free)
    remedy = _("Освободите на нём %(missing)s МБ или закройте это место.", missing=missing)
    return FitFinding("disk", Word.LOST if free < needs else Word.NO, reason, remedy, seat)


def _megabytes(count: int) -> int:
    return ceil(count / MEGABYTE)


def _megabytes_down(count: int) -> int:
    return count // MEGABYTE
