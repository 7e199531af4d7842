"""The Config Key against one that Safe Exam Browser itself gave, the form of SEB-JSON, the check of a request."""
import hashlib
import plistlib
from datetime import datetime
from typing import Any

import pytest

from testing_server.exam_day.safe_exam_browser.config_key import (
    SettingRefused, check_config_key, compute_config_key, hash_for_url, write_seb_json)
from tests.testing_server.exam_day.safe_exam_browser.known_settings import CONFIG_KEY, make_known_settings

KEY = "81aad4ab9dfd447cc479e6a4a7c9a544e2cafc7f3adeb68b2a21efad68eca4dc"
URL = "https://192.168.1.10:8443/seat?part=2"


def test_the_key_of_known_settings_is_the_browsers_own() -> None:
    assert compute_config_key(make_known_settings()) == CONFIG_KEY


def test_the_order_in_the_file_and_who_wrote_it_do_not_matter() -> None:
    settings = make_known_settings()
    turned = dict(reversed(settings.items()))
    turned["originatorVersion"] = "somebody else"
    assert compute_config_key(turned) == CONFIG_KEY
    through_xml = plistlib.loads(plistlib.dumps(settings, fmt=plistlib.FMT_XML))
    assert compute_config_key(through_xml) == CONFIG_KEY


def test_any_changed_setting_is_another_key() -> None:
    settings = make_known_settings()
    for name in ("startURL", "URLFilterEnable", "hashedQuitPassword", "zoomMode", "proxies"):
        changed: dict[str, Any] = {**settings, name: "changed"}
        assert compute_config_key(changed) != CONFIG_KEY, name


# From the rules of https://safeexambrowser.org/developer/seb-config-key.html
@pytest.mark.parametrize(("value", "text"), [
    ({"b": True, "a": False}, '{"a":false,"b":true}'), ({"data": b"blahblah"}, '{"data":"YmxhaGJsYWg="}'),
    ({"s": "hello wörld"}, '{"s":"hello wörld"}'), ({"s": r"ws:\\localhost"}, r'{"s":"ws:\\localhost"}'),
    ({"url": "http://test.com/a/b"}, '{"url":"http://test.com/a/b"}'), ({"list": []}, '{"list":[]}'),
    ({"empty": {}, "rest": 1}, '{"rest":1}'), ({"last": {}, "a": 1}, '{"a":1}'), ({}, "{}"),
    ({"testKey": "1", "allowWLAN": "2", "allowWlan": "3"}, '{"allowWlan":"3","allowWLAN":"2","testKey":"1"}'),
    ({"d": {"banana": False, "apple": True}}, '{"d":{"apple":true,"banana":false}}'),
    ({"l": [{"b": 1, "a": 2}, 3]}, '{"l":[{"a":2,"b":1},3]}'),
    ({"URLFilter": 1, "urlFilterRegex": 2, "taskBar": 3}, '{"taskBar":3,"URLFilter":1,"urlFilterRegex":2}')])
def test_seb_json_has_its_own_form(value: Any, text: str) -> None:
    assert write_seb_json(value) == text


@pytest.mark.parametrize("value", [
    {"s": 'a "quoted" word'}, {"s": "two\nlines"}, {"n": 1.5}, {"when": datetime(2026, 1, 1)}, {'"': 1},
    {"nothing": None}])
def test_what_browsers_write_differently_is_refused(value: Any) -> None:
    with pytest.raises(SettingRefused):
        compute_config_key(value)


def test_a_request_proves_its_settings() -> None:
    header = hashlib.sha256((URL + KEY).encode()).hexdigest()
    assert hash_for_url(URL, KEY) == header and check_config_key(URL, header, KEY)
    assert check_config_key(URL, header.upper(), KEY)
    # The part of an address behind # never leaves the browser.
    assert check_config_key(f"{URL}#answer", header, KEY)


@pytest.mark.parametrize(("url", "header", "key"), [
    (URL, None, KEY), (URL, "", KEY), (URL, KEY, KEY), (f"{URL}&more=1", hash_for_url(URL, KEY), KEY),
    (URL, hash_for_url(URL, KEY), KEY[::-1]), (URL, "ключ", KEY)])
def test_anything_else_proves_nothing(url: str, header: str | None, key: str) -> None:
    assert not check_config_key(url, header, key)
