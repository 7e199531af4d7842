"""A tablet comes by a QR code, learns whose server it is and gets the school's authority, as the console shows it."""
import hashlib
import re
import ssl

from tests.testing_server.exam_day.builders import Classroom


def read_fingerprint(page: str) -> str:
    found = re.search(r"(?:[0-9A-F]{2} ){31}[0-9A-F]{2}", page)
    assert found is not None
    return found.group(0)


def test_console_and_tablet_show_one_fingerprint_of_the_very_file(open_room: Classroom) -> None:
    console = open_room.browser("technician").get("/tablets").text
    stranger = open_room.app.test_client()
    tablet = stranger.get("/tablet", base_url="https://192.168.1.10:8443").text
    assert "<svg" in console and "/tablet" in console
    assert "Школа № 1" in tablet and "кабинет 12" in tablet and "https://192.168.1.10:8443" in tablet
    der = ssl.PEM_cert_to_DER_cert(stranger.get("/seat/classroom-authority.crt").text)
    shown = read_fingerprint(console)
    assert read_fingerprint(tablet) == shown
    assert ssl_digest(der) == shown


def ssl_digest(der: bytes) -> str:
    """As a system shows it."""
    return hashlib.sha256(der).digest().hex(" ").upper()


def test_a_server_before_its_first_steps_has_no_name(empty_room: Classroom) -> None:
    assert empty_room.app.test_client().get("/v1/place").get_json() == {"school": "", "room": ""}
    assert "Сервер аудитории" in empty_room.app.test_client().get("/tablet").text
