"""A school that marks its own work: a hub that sealed it, a classroom server where it was written, sticks between them.

Takes a folder. Gives `OwnSchool`: the hub and the classroom never speak to each other, files are carried.
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from testing_server.exam_day.school.actions import Enrolment, save_enrolment
from testing_server.exam_day.sittings.actions import Entry, NewSitting, create_sitting, list_attempts, open_sitting
from testing_server.exam_day.sittings.claims import describe_claimant
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.foundation.clock import FakeClock
from testing_server.preparation.campaigns.queries import SHIPPED, find_campaign
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.enrolment.actions import make_enrolment_code
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.hub_link import HubLink
from testing_server.preparation.materials.sealing import SealedPair
from testing_server.preparation.registry.queries import School
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.rosters.actions import issue_roster
from testing_server.roles import list_hub_mounts
from tests.builders import PASSWORD, Browser, close_app, make_app, services_of
from tests.testing_server.exam_day.builders import HOUR_MS, Classroom, make_classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school
from tests.testing_server.preparation.make_materials import seal

CAMPAIGN, DAY = "own-2026", "2026-11-20"
# two mark each answer, two points of difference ask for a third
MARKING = {"rounds": 2, "third_from": 2, "within": "higher", "after_third": "third", "own_school": True, "by": "school"}
# as hubs list it: forms go by this id and not by the archive's
WORK = {"id": "grade-7-english", "subject": "Английский язык", "grade": "7",
        "assessments": ["english_grade_7", "english-7"],
        "periods": {"computer": {"from": "2026-11-16", "to": "2026-11-27"}}}
NAMES = ("archive.age", "key.age", "statement.json")


@dataclass
class OwnSchool:
    """`pair`: what the hub sealed; `organizer`: at the classroom's console; `passwords`: one-time ones by login."""

    hub: Hub
    school: School
    room: Classroom
    pair: SealedPair
    organizer: Browser
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def archive(self) -> str:
        return self.pair.materials.archive

    @property
    def criteria(self) -> str:
        return self.pair.criteria.archive

    def bring_archive(self, archive: str) -> Any:
        """The three files from the hub's disk, on a stick."""
        folder = self.hub.offered.settings.data / "archives" / archive
        files = [(BytesIO((folder / name).read_bytes()), name) for name in NAMES]
        return self.organizer.post("/archives/upload", {"files": files}, page="/archives",
                                   content_type="multipart/form-data")

    def bring_roster(self, **marking: Any) -> None:
        """The day's list of codes; `marking`: how the campaign's rules differ."""
        write_campaign(self.hub.offered.settings.data, **marking)
        campaign, keys = find_campaign(self.hub.offered.settings.data, CAMPAIGN), self.hub.keys
        envelope = self.hub.write(issue_roster, signing=keys.signing, campaign=campaign, school=self.school.id, day=DAY)
        answer = self.organizer.post("/codes/upload", {"roster": (BytesIO(envelope), "roster.json")}, page="/codes",
                                     content_type="multipart/form-data")
        assert answer.status_code == 302, answer.text

    def read_cipher(self, archive: str) -> str:
        """As a coordinator reads it out."""
        return release_cipher(self.hub.offered, archive, self.school.id, "test").cipher

    def type_cipher(self, archive: str, cipher: str) -> Any:
        groups = {f"group{place + 1}": cipher[place * 5:place * 5 + 5] for place in range(6)}
        answer = self.organizer.post(f"/archives/{archive}/open", groups, page=f"/archives/{archive}")
        self.room.run_jobs()
        return answer

    def hold_sitting(self, candidates: int = 2) -> list[FakeKiosk]:
        """Everybody of the list is seated, starts, speaks and finishes; the sitting stays open."""
        roster = self.list_entries()[:candidates]
        now_ms = self.room.room.clock.now_ms()
        self.room.sitting = self.plan_sitting("кабинет 12", roster)
        claimant = describe_claimant(self.room.services.settings, self.room.room.instance)
        key = self.room.room.keys.key()
        self.room.write(lambda session: open_sitting(session, now_ms, self.room.sitting, "test", key, claimant))
        self.room.logins = [one.login for one in roster]
        kiosks = [self.room.seat(number) for number in range(candidates)]
        self.room.start(*kiosks)
        for number, kiosk in enumerate(kiosks):
            kiosk.now_ms = now_ms
            self.speak(kiosk, number)
        return kiosks

    def plan_sitting(self, name: str, entries: list[Entry]) -> str:
        """A sitting that is prepared and not opened yet."""
        now_ms = self.room.room.clock.now_ms()
        asked = NewSitting(self.archive, name, DAY, entries, {"id": CAMPAIGN, "counted": False, "max_pace": 60},
                           (now_ms - HOUR_MS, now_ms + 8 * HOUR_MS), 1)
        return self.room.write(lambda session: create_sitting(session, now_ms, asked, "test")).id

    def list_entries(self) -> list[Entry]:
        found = self.room.app.extensions["testing_server"].storage
        with found.read() as session:
            from testing_server.exam_day.sittings.records import RosterRecord
            payload = json.loads(session.get_one(RosterRecord, (DAY, CAMPAIGN)).payload)
        return [Entry(one["login"], one["code"]) for one in payload["entries"]]

    def speak(self, kiosk: FakeKiosk, number: int) -> None:
        """Both spoken tasks; every candidate says something else."""
        with self.room.services.storage.read() as session:
            variant = next(one.variant for one in list_attempts(session, self.room.sitting)
                           if one.id == kiosk.attempt)
        path = opened_folder(self.room.data, self.archive) / "variants" / f"{variant}.json"
        for item in json.loads(path.read_bytes())["items"]:
            if item["speaking"]:
                seconds = 1 + item["position"] + number
                kiosk.record(item["id"], item["speaking"]["response"], make_speech(seconds))
        kiosk.write("attempt_finished", reason="candidate")
        assert kiosk.send().status == 200

    def close_sitting(self) -> None:
        self.room.sweep()
        self.room.run_jobs()
        self.room.close_room()

    def name_expert(self, login: str, **fields: str) -> None:
        page = self.organizer.post("/school-marking", {"login": login, **fields}, page="/school-marking").text
        self.passwords[login] = page.rpartition('<dd class="big code">')[2].partition("</dd>")[0]

    def enter(self, login: str) -> Browser:
        """Somebody signs in; a one-time password is changed first."""
        browser = Browser(self.room.app.test_client())
        given = self.passwords.pop(login, "")
        assert browser.sign_in(login, given or PASSWORD).status_code == 302
        if given:
            changed = browser.post("/password", {"old": given, "new": PASSWORD}, page="/password")
            assert changed.status_code == 302, changed.text
        return browser

    def wait(self, hours: int) -> None:
        """Hours pass; a console nobody touched has locked itself meanwhile, so the organizer signs in anew."""
        self.room.clock.advance(hours * HOUR_MS)
        self.organizer = self.enter("zavuch")

    def dial(self) -> None:
        """From now on there is a line between the two."""
        def open_hub(school: Any, key: Any) -> HubLink:
            link = self.hub.link(certificate=school.certificate.encode(), hub_keys=school.hub_keys.encode())
            link.open_session(key)
            return link
        self.room.room.open_hub = open_hub

    def restart(self) -> None:
        """The classroom's core ends and comes up again over the same folder."""
        keys = self.room.room.keys
        self.room.close()
        again = make_classroom(self.room.data, self.room.clock)
        again.room.keys, again.sitting = keys, self.room.sitting
        self.room = again
        self.organizer = self.enter("zavuch")

    def close(self) -> None:
        self.room.close()
        close_app(self.hub.app)


def write_campaign(data: Path, **marking: Any) -> None:
    """The demonstration, its criteria at 14:00 by Moscow, marked by the school."""
    told = json.loads((SHIPPED / "demo-2026.json").read_bytes())
    told |= {"id": CAMPAIGN, "marking": {**MARKING, **marking}, "works": [WORK]}
    told["rules"]["criteria"] = {"kind": "at_hour", "hour": "14:00", "zone": "Europe/Moscow"}
    (data / "campaigns").mkdir(exist_ok=True)
    (data / "campaigns" / f"{CAMPAIGN}.json").write_text(json.dumps(told, ensure_ascii=False))


def make_own_school(folder: Path) -> OwnSchool:
    """Materials are here and opened, codes are here; nobody has sat down yet. It is noon in Moscow."""
    clock = FakeClock(MOMENT_MS)
    app = make_app(folder / "hub", list_hub_mounts(), clock=clock)
    hub, room = Hub(app, clock, prepare_hub(services_of(app))), make_classroom(folder / "room", clock)
    write_campaign(hub.offered.settings.data)
    school = make_school(hub)
    room.set_up()
    enrol_room(hub, school, room)
    hub.write(issue_codes, campaign=CAMPAIGN, school=school.id, count=3)
    made = OwnSchool(hub, school, room, seal(hub, school, CAMPAIGN, DAY),
                     room_browser(room))
    made.bring_roster()
    assert made.bring_archive(made.archive).status_code == 302
    assert made.type_cipher(made.archive, made.read_cipher(made.archive)).status_code == 302
    return made


def room_browser(room: Classroom) -> Browser:
    from tests.builders import open_browser
    return open_browser(room.app, "zavuch", "school_organizer")


def enrol_room(hub: Hub, school: School, room: Classroom) -> None:
    """The school's key becomes known to the hub, and the hub's keys to the classroom."""
    code, key, link = hub.write(make_enrolment_code, school=school.id), room.room.keys.key(), hub.link()
    enrolled = link.enrol(school.login, code, key)
    told = Enrolment("https://hub.example", hub.keys.root_fingerprint, enrolled.certificate, enrolled.hub_keys,
                     link.read_certificate())
    room.write(lambda session: save_enrolment(session, room.clock.now_ms(), told, "test"))
