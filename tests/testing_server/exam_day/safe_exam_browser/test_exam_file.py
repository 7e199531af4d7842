"""The .seb file as an independent reader opens it, and the page by which technicians get it."""
import gzip
import hashlib
import plistlib
import re
from typing import Any

import pytest

from testing_server.exam_day.safe_exam_browser.config_key import check_config_key, compute_config_key, hash_for_url
from testing_server.exam_day.safe_exam_browser.exam_file import (
    FILE_NAME, AddressRefused, change_address, obtain_kept, read_address, read_config_key)
from testing_server.exam_day.safe_exam_browser.exam_settings import FORBIDDEN, GIVEN, KEPT, list_hosts
from tests.testing_server.exam_day.builders import Classroom


def open_file(data: bytes) -> dict[str, Any]:
    """Step by step as the format is described: gzip, four signs, gzip, property list."""
    inner = gzip.decompress(data)
    assert inner[:4] == b"plnd"
    settings: dict[str, Any] = plistlib.loads(gzip.decompress(inner[4:]))
    return settings


def test_the_file_leads_to_this_server_and_nowhere_else(open_room: Classroom) -> None:
    settings = open_room.services.settings
    kept = change_address(settings, "https://192.168.1.10:8443")
    found = open_room.app.test_client().get("/exam.seb")
    assert (found.status_code, found.mimetype) == (200, "application/seb")
    told = open_file(found.data)
    assert told["startURL"] == "https://192.168.1.10:8443/seat" and told["URLFilterEnable"] is True
    hosts = [rule["expression"] for rule in told["URLFilterRules"]]
    assert hosts[0] == "192.168.1.10:8443/*" and all(host.startswith("192.168.1.10:") for host in hosts)
    assert told["hashedQuitPassword"] == hashlib.sha256(kept.quit_password.encode()).hexdigest()
    assert told["embeddedCertificates"][0]["certificateData"][:1] == b"\x30"
    assert told["removeLocalStorage"] is False and told["allowAudioCapture"] is True
    assert kept.quit_password.encode() not in found.data + plistlib.dumps(told)


def test_the_server_knows_the_key_of_its_own_file(open_room: Classroom) -> None:
    key = read_config_key(open_room.services.settings)
    told = open_file(open_room.app.test_client().get("/exam.seb").data)
    assert compute_config_key(told) == key
    url = told["startURL"]
    assert check_config_key(url, hash_for_url(url, compute_config_key(told)), key)
    loosened = {**told, "URLFilterEnable": False}
    assert not check_config_key(url, hash_for_url(url, compute_config_key(loosened)), key)


def test_the_same_settings_give_the_same_file_also_after_a_restart(open_room: Classroom) -> None:
    client = open_room.app.test_client()
    assert client.get("/exam.seb").data == client.get("/exam.seb").data
    settings = open_room.services.settings
    kept = obtain_kept(settings)
    assert obtain_kept(settings) == kept
    assert (settings.keys_folder / FILE_NAME).stat().st_mode & 0o077 == 0


def test_the_page_changes_the_address_and_the_key(open_room: Classroom) -> None:
    person = open_room.browser()
    before = read_config_key(open_room.services.settings)
    page = person.get("/safe-exam-browser")
    assert page.status_code == 200 and before in page.text
    assert re.search(r'id="seb-quit">[a-z2-9]{4}(-[a-z2-9]{4}){2}<', page.text)
    done = person.post("/safe-exam-browser", {"address": " https://10.0.0.5:8443/ "}, page="/safe-exam-browser")
    assert done.status_code == 302 and read_config_key(open_room.services.settings) != before
    refused = person.post("/safe-exam-browser", {"address": "http://10.0.0.5"}, page="/safe-exam-browser")
    assert refused.status_code == 422 and "Это не адрес" in refused.text
    assert obtain_kept(open_room.services.settings).address == "https://10.0.0.5:8443"


def test_the_quit_password_is_for_staff(open_room: Classroom) -> None:
    assert open_room.app.test_client().get("/safe-exam-browser").status_code in (302, 401, 403)


@pytest.mark.parametrize("typed", ["", "http://a", "192.168.1.1", "https://", "https://a:x", 'https://a"b', "ftp://a"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressRefused):
        read_address(typed)


def test_no_setting_is_both_given_and_forbidden() -> None:
    names = [*FORBIDDEN, *KEPT, *GIVEN]
    assert len(set(names)) == len(names)
    # Names that differ in case only would be ordered differently by different browsers.
    assert len({name.lower() for name in names}) == len(names)
    assert list_hosts("https://a:1/seat", 2) == ["a:1", "a:2"] and list_hosts("https://a/seat", 443) == ["a:443"]
