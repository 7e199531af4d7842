"""What lies in deploy/ as far as a machine can judge it: nginx and systemd read it, every setting exists."""
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from testing_server.foundation.settings import PREFIX, Settings, load_settings

DEPLOY = Path(__file__).parents[3] / "deploy"


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(not Path("/usr/sbin/nginx").exists() or shutil.which("openssl") is None,
                    reason="nginx or openssl is not installed: make setup installs nginx where apt may be used")
def test_nginx_reads_its_configuration(tmp_path: Path) -> None:
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=hub", "-days", "1", "-keyout",
        str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem"))
    site = (DEPLOY / "nginx" / "testing-server.conf").read_text().replace("/etc/testing-server/tls", str(tmp_path))
    (tmp_path / "site.conf").write_text(site)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\ninclude {tmp_path}/site.conf;\n}}\n")
    said = run("/usr/sbin/nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr")
    assert "warn" not in said


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this system has no systemd")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd" / "testing-server-hub.service").read_text()
    command = str(Path(sys.executable).parent / "testing-server")
    (tmp_path / "testing-server-hub.service").write_text(
        unit.replace("/opt/testing-server/.venv/bin/testing-server", command))
    assert "testing-server-hub" not in run("systemd-analyze", "verify", str(tmp_path / "testing-server-hub.service"))


def test_every_setting_named_here_exists_and_is_well_formed() -> None:
    lines = [line for line in (DEPLOY / "testing-server.env").read_text().splitlines() if not line.startswith("#")]
    environ = dict(line.split("=", 1) for line in lines)
    known = {PREFIX + one.name.upper() for one in fields(Settings)}
    assert environ.keys() <= known
    settings = load_settings("hub", environ)
    named = set(re.findall(PREFIX + r"[A-Z_]+", (DEPLOY / "compose.yaml").read_text()))
    assert named <= known
    site = (DEPLOY / "nginx" / "testing-server.conf").read_text()
    ports = [int(port) for port in re.findall(r"server 127\.0\.0\.1:(\d+)", site)]
    assert ports == [settings.port + number for number in range(settings.servers)]
    assert str(settings.data) in site and (DEPLOY / "nginx").exists()
