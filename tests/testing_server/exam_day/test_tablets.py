"""A tablet comes by a QR code, learns whose server it is and gets the school's authority, as the console shows it."""
import hashlib
import re
import ssl

from tests.testing_server.exam_day.builders import Classroom


def read_fingerprint(page: str) -> str:
    found = re.search(r"(?:[0-9A-F]{2} ){31}[0-9A-F]{2}", page)
    assert found is not None
    return found.group(0)


def test_console_shows_the_fingerprint_of_the_very_file_a_tablet_gets(open_room: Classroom) -> None:
    console = open_room.browser("technician").get("/tablets").text
    stranger = open_room.app.test_client()
    tablet = stranger.get("/tablet", base_url="https://192.168.1.10:8443").text
    assert "<svg" in console and "/tablet" in console
    assert "Школа № 1" in tablet and "кабинет 12" in tablet and "https://192.168.1.10:8443" in tablet
    der = ssl.PEM_cert_to_DER_cert(stranger.get("/seat/classroom-authority.crt").text)
    assert read_fingerprint(console) == ssl_digest(der)
    # a page that vouches for itself proves nothing
    assert ssl_digest(der) not in tablet


def ssl_digest(der: bytes) -> str:
    """As a system shows it."""
    return hashlib.sha256(der).digest().hex(" ").upper()


def test_a_server_before_its_first_steps_has_no_name(empty_room: Classroom) -> None:
    assert empty_room.app.test_client().get("/v1/place").get_json() == {"school": "", "room": ""}
    assert "Сервер аудитории" in empty_room.app.test_client().get("/tablet").text
