"""A seat without installation in a real Chromium at a real classroom: sound, answers, a cut link, a reload."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from audio.compare import align
from testing_server.exam_day.plain_seats.pages import find_static
from testing_server.exam_day.workstations.test_recordings import recording_file
from tests.kiosk_client.browser import EXECUTABLE, PATIENCE_MS, SCREEN
from tests.kiosk_client.conftest import wait_until
from tests.kiosk_client.fake_hub import FakeHub
from tests.testing_server.exam_day.plain_seat import ServedRoom, serve_room

pytestmark = pytest.mark.browser
RATE = 48_000
SECONDS = 60.0
SPEAKING = {"prepare_s": 60, "record_s": 60}


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone of the browser hears, over and over: a person says the phrase of the sound check."""
    spoken, rate = soundfile.read(find_static() / "phrase-ru.ogg", dtype="float32")
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    place = np.arange(int(len(spoken) * RATE / rate)) * rate / RATE
    soundfile.write(path, np.interp(place, np.arange(len(spoken)), spoken), RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def open_browser(playwright: Playwright, tmp_path: Path, voice: Path) -> Iterator[Callable[[ServedRoom], Page]]:
    """Opens a browser with a profile on the disk that trusts this classroom's certificate; any complaint fails."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_it(room: ServedRoom, is_asked: bool = True) -> Page:
        asked = ["--use-fake-ui-for-media-stream"] if is_asked else []
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=EXECUTABLE, viewport=SCREEN, args=[  # type: ignore[arg-type]
                "--no-sandbox", f"--ignore-certificate-errors-spki-list={room.spki}", *asked,
                "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={voice}"])
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if "Content Security" in told.text else None)
        page.goto(f"{room.url}/seat")
        return page

    yield open_it
    for context in opened:
        context.close()
    assert complaints == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(re.escape(name))).first.click()


def expect_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def expect_saved(page: Page, where: str) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-saved", where)


def pair_on_screen(page: Page, room: ServedRoom) -> None:
    press(page, "Показать код")
    digits = page.locator("#digits")
    expect(digits).to_have_text(re.compile(r"\d{3} \d{3}"))
    assert room.confirm((digits.text_content() or "").replace(" ", "")) == "green"
    press(page, "Консоль зелёная")
    expect_heading(page, "Вход")


def sign_in_on_screen(page: Page, room: ServedRoom) -> None:
    page.get_by_label("Логин").press_sequentially(room.logins[0])
    press(page, "Войти")


def check_sound_on_screen(page: Page, room: ServedRoom) -> None:
    expect_heading(page, "Проверка звука")
    press(page, "Прослушать фразу")
    press(page, "Слышу хорошо")
    press(page, "Начать запись")
    expect(page.locator(".level-good")).to_be_visible()
    page.wait_for_timeout(1_500)
    press(page, "Готово")
    expect(page.get_by_text("Вас хорошо слышно.")).to_be_visible()
    press(page, "Слышу себя")
    press(page, "Продолжить")
    wait_until(lambda: room.list_seats()[0].check.get("verdict") == "heard", SECONDS)
    phrase = recording_file(room.data, room.list_seats()[0].id)
    wait_until(phrase.exists, SECONDS)
    said, rate = soundfile.read(phrase)
    assert len(said) > rate and np.abs(said).max() > 0.01
    press(page, "Готов")


def listen_on_screen(page: Page, room: ServedRoom) -> None:
    press(page, "2")
    expect_heading(page, "Задание 2")
    press(page, "Слушать")
    wait_until(lambda: any(play.ended for play in room.fold().plays.get("i2", [])), SECONDS)
    expect(page.get_by_text("Осталось прослушиваний: 1")).to_be_visible()


def speak_on_screen(page: Page, room: ServedRoom) -> tuple[int, int]:
    """Speaks for some seconds; the server has sound of it before it is over."""
    press(page, "3")
    expect_heading(page, "Задание 3")
    press(page, "Начать подготовку")
    press(page, "Начать раньше")
    wait_until(lambda: room.fold().recordings, SECONDS)
    name = (room.fold().recordings[0].lease, room.fold().recordings[0].number)
    wait_until(lambda: len(room.find_sound(*name)) > 3 * RATE * 2, SECONDS)
    assert not room.fold().recordings[0].committed
    wait_until(lambda: room.room.levels.get(room.find_attempt(), room.room.clock.monotonic_ms()) is not None, SECONDS)
    press(page, "Закончить")
    expect(page.get_by_text("Ответ записан")).to_be_visible()
    return name


def compare_sound(room: ServedRoom, name: tuple[int, int], voice: Path) -> list[float]:
    """How much what arrived is what was spoken, from -1 to 1, second by second.

    The browser's device without a microphone stumbles on a loaded machine and drops a few samples: a whole that is
    shifted in the middle would say nothing of the seconds.
    """
    wait_until(lambda: room.fold().recordings[0].committed, SECONDS)
    recording = room.fold().recordings[0]
    wait_until(lambda: len(room.find_sound(*name)) == recording.bytes, SECONDS)
    assert recording.samples * 2 == recording.bytes
    spoken, _ = soundfile.read(voice, dtype="int16")
    length_ms = (recording.ended_at_ms or 0) - recording.started_at_ms
    print("told", length_ms, "ms, stored", recording.samples * 1000 // recording.rate_hz, "ms")
    stored, rate = np.frombuffer(room.find_sound(*name), dtype="<i2"), recording.rate_hz
    louder_db = 20 * np.log10(np.abs(stored).max() / np.abs(spoken).max())
    print(f"loudest sample {louder_db:+.2f} dB beside what was spoken")
    assert abs(louder_db) < 1 and 0 <= length_ms - len(stored) * 1000 / rate < 2_000
    starts = range(rate // 2, len(stored) - rate, rate)
    return [align(np.tile(spoken, 3), RATE, stored[start:start + rate], rate).correlation for start in starts]


# How many rows each store of the seat's database has.
COUNT_ROWS = """async () => {
  const database = await new Promise((resolve) => {
    indexedDB.open("plain-seat").onsuccess = (e) => resolve(e.target.result); });
  const count = (name) => new Promise((resolve) => {
    database.transaction(name).objectStore(name).count().onsuccess = (e) => resolve(e.target.result); });
  const rows = {};
  for (const name of database.objectStoreNames) if (name !== "settings") rows[name] = await count(name);
  database.close();
  return rows;
}"""


def delete_by_order(page: Page, room: ServedRoom, hub: FakeHub) -> None:
    """The hub has everything: the order to delete leaves nothing of the work in the browser."""
    assert page.evaluate(COUNT_ROWS)["parts"] > 3
    room.order_deletion(hub)
    page.reload()
    expect_heading(page, "Вход")
    assert set(page.evaluate(COUNT_ROWS).values()) == {0}


def test_a_whole_work_is_taken_in_a_browser(open_browser: Any, tmp_path: Path, voice: Path) -> None:
    hub = FakeHub()
    with serve_room(tmp_path / "data", SPEAKING, plain_seat_allowed=True) as room:
        room.name_hub(hub)
        page = open_browser(room)
        pair_on_screen(page, room)
        sign_in_on_screen(page, room)
        check_sound_on_screen(page, room)
        expect(page.get_by_text("Материалы загружены")).to_be_visible()
        room.command("start")
        expect_heading(page, "Задание 1")
        page.get_by_label("Answer 2").check()
        expect_saved(page, "server")
        assert room.fold().responses["i1/r1"].value == "c2"
        listen_on_screen(page, room)
        correlations = compare_sound(room, speak_on_screen(page, room), voice)
        print("correlation second by second", correlations)
        assert np.median(correlations) > 0.95
        finish_without_server(page, room)
        delete_by_order(page, room, hub)


def finish_without_server(page: Page, room: ServedRoom) -> None:
    """The link is cut, the page is loaded anew, the work ends; everything is delivered when the server is back."""
    press(page, "4")
    expect_heading(page, "Задание 4")
    wait_until(lambda: room.fold().item == "i4", SECONDS)
    room.cut()
    page.locator("input[data-response]").fill("hills")
    expect_saved(page, "offline")
    page.reload()
    expect_heading(page, "Задание 4")
    expect(page.locator("input[data-response]")).to_have_value("hills")
    assert "i4/r1" not in room.fold().responses
    press(page, "К завершению")
    press(page, "Завершить работу")
    press(page, "Завершить")
    expect_heading(page, "Спасибо")
    room.serve()
    wait_until(lambda: room.fold().finished, SECONDS)
    assert room.fold().responses["i4/r1"].value == "hills"


def test_speech_survives_a_closed_microphone_a_reload_and_a_second_tab(open_browser: Any, tmp_path: Path) -> None:
    with serve_room(tmp_path / "data", SPEAKING, plain_seat_allowed=True, sound_check=False) as room:
        page = open_browser(room, is_asked=False)
        pair_on_screen(page, room)
        sign_in_on_screen(page, room)
        press(page, "Готов")
        room.command("start")
        press(page, "3")
        press(page, "Начать подготовку")
        press(page, "Начать раньше")
        # a browser without a window may refuse without a reason
        expect(page.get_by_text(re.compile("Браузер не пускает к микрофону|Звук не записывается"))).to_be_visible()
        wait_until(lambda: any(one["kind"] == "sound" for one in room.fold().incidents), SECONDS)
        page.context.grant_permissions(["microphone"], origin=room.url)
        press(page, "Попробовать снова")
        wait_until(lambda: room.fold().recordings and len(room.find_sound(*name_last(room))) > 2 * RATE, SECONDS)
        go_on_after_reload(page, room)
        second = page.context.new_page()
        second.goto(f"{room.url}/seat/")
        expect(second.locator("#gone")).to_be_visible()
        page.close()
        expect_heading(second, "Задание 3")


def go_on_after_reload(page: Page, room: ServedRoom) -> None:
    """What was said is closed with the parts that were kept; the same answer goes on as a further recording."""
    page.reload()
    expect_heading(page, "Задание 3")
    wait_until(lambda: len(room.fold().recordings) == 2, SECONDS)
    first, second = room.fold().recordings
    assert (first.end_reason, first.committed) == ("recovered", True)
    wait_until(lambda: first.bytes == len(room.find_sound(first.lease, first.number)) > 2 * RATE, SECONDS)
    wait_until(lambda: len(room.find_sound(second.lease, second.number)) > 0, SECONDS)


def name_last(room: ServedRoom) -> tuple[int, int]:
    """Lease and number of the newest recording."""
    last = room.fold().recordings[-1]
    return last.lease, last.number


def test_a_work_that_does_not_allow_it_refuses_and_keeps_nothing(open_browser: Any, tmp_path: Path) -> None:
    with serve_room(tmp_path / "data") as room:
        page = open_browser(room)
        pair_on_screen(page, room)
        sign_in_on_screen(page, room)
        expect(page.get_by_role("alert")).to_contain_text("на месте без установки")
        wait_until(lambda: room.list_seats()[0].check.get("findings"), SECONDS)
        codes = {finding["code"] for finding in room.list_seats()[0].check["findings"]}
        assert {"plain_seat", "not_locked"} <= codes
        assert room.find_state() == "assigned"


def test_a_seat_that_the_server_does_not_know_any_more_is_paired_anew(
        tmp_path: Path, open_browser: Callable[[ServedRoom], Page]) -> None:
    with serve_room(tmp_path / "room") as room:
        page = open_browser(room)
        pair_on_screen(page, room)
        page.context.route(re.compile("/v1/(hello|time)"), lambda route: route.fulfill(
            status=404, json={"code": "unknown_workstation"}))
        press(page, "Подключить к серверу заново")
        expect_heading(page, "Сопряжение рабочего места")
