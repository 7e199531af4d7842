"""Settings are read from the environment, checked, and described where people look them up."""
from dataclasses import fields
from pathlib import Path

import pytest

from testing_server.foundation.serving.disk import DiskTooFull, check_disk
from testing_server.foundation.serving.plain import PlainNetworkRefused, check_exposure
from testing_server.foundation.settings import PREFIX, BadSetting, Settings, as_environment, load_settings

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"


@pytest.mark.parametrize("name", [one.name for one in fields(Settings)])
def test_every_setting_is_in_the_documentation(name: str) -> None:
    row = [line for line in DOCS.read_text().splitlines() if line.startswith(f"| `{name}` |")]
    assert len(row) == 1
    assert name == "role" or PREFIX + name.upper() in row[0]


@pytest.mark.parametrize("one", fields(Settings), ids=lambda one: one.name)
def test_documented_default_is_the_real_one(one: object) -> None:
    name, default = one.name, one.default  # type: ignore[attr-defined]
    row = next(line for line in DOCS.read_text().splitlines() if line.startswith(f"| `{name}` |"))
    if isinstance(default, int) and not isinstance(default, bool):
        assert f"| `{default}` |" in row


def test_environment_is_read_and_overridden(tmp_path: Path) -> None:
    environ = {"TESTING_SERVER_PORT": "8443", "TESTING_SERVER_TLS": "yes", "TESTING_SERVER_TITLE": "Школа 7"}
    settings = load_settings("hub", environ, data=tmp_path, port=9000, title=None)
    assert (settings.port, settings.tls, settings.title, settings.role) == (9000, True, "Школа 7", "hub")


def test_children_read_the_same_settings(tmp_path: Path) -> None:
    settings = load_settings("classroom", {}, data=tmp_path, tls=True, port=8443, title="Школа 7")
    assert load_settings("classroom", as_environment(settings)) == settings


@pytest.mark.parametrize(("name", "value"), [
    ("PORT", "many"), ("PORT", "70000"), ("PORT", "-1"), ("TLS", "perhaps"), ("LANGUAGE", "de"),
    ("TRUSTED_PROXIES", "")])
def test_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting):
        load_settings("hub", {PREFIX + name: value})


def test_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert load_settings("hub", {}, data=tmp_path).storage_url == f"sqlite:///{tmp_path / 'hub.sqlite'}"


def test_plain_http_is_for_loopback_only(tmp_path: Path) -> None:
    check_exposure(load_settings("hub", {}, data=tmp_path, host="127.0.0.1"))
    check_exposure(load_settings("hub", {}, data=tmp_path, host="0.0.0.0", tls=True))
    for host in ("0.0.0.0", "192.168.1.2", "school.example"):
        with pytest.raises(PlainNetworkRefused):
            check_exposure(load_settings("hub", {}, data=tmp_path, host=host))


def test_start_without_room_on_the_disk_is_refused(tmp_path: Path) -> None:
    free = check_disk(tmp_path / "data", least_bytes=1)
    with pytest.raises(DiskTooFull, match="MiB are free"):
        check_disk(tmp_path / "data", least_bytes=free * 2)


def test_classroom_serves_its_network_and_only_by_tls(tmp_path: Path) -> None:
    settings = load_settings("classroom", {}, data=tmp_path)
    assert (settings.host, settings.tls) == ("0.0.0.0", True)
    assert load_settings("hub", {}, data=tmp_path).host == "127.0.0.1"
    with pytest.raises(PlainNetworkRefused):
        check_exposure(load_settings("classroom", {}, data=tmp_path, tls=False))
