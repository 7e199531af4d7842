"""Settings of one role on one machine.

Takes environment variables `TESTING_SERVER_<NAME>` and what the command line overrides.
Gives a frozen `Settings`. Every setting is described in docs/settings.md; a test fails when one is missing.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

Role = Literal["hub", "classroom"]
PREFIX = "TESTING_SERVER_"
MEBIBYTE = 1024 * 1024
# a classroom serves kiosks of its network from the first start, and never without TLS
ROLE_DEFAULTS: dict[str, dict[str, Any]] = {"hub": {}, "classroom": {
    "host": "0.0.0.0", "tls": True, "idle_minutes": 15, "ballast_mb": 512}}


def _described(text: str, **options: Any) -> Any:
    return field(metadata={"about": text}, **options)


@dataclass(frozen=True)
class Settings:
    """All a role needs to know before it starts; times and gates are never among it."""

    role: Role = _described("which set of stages this process mounts")
    data: Path = _described("folder for everything the role keeps")
    host: str = _described("address the network port listens on", default="127.0.0.1")
    port: int = _described("network port (TLS unless loopback only); 0 takes a free one", default=0)
    console_port: int = _described("plain HTTP port on loopback; 0 takes a free one", default=0)
    files_port: int = _described("port of the files process; 0 takes a free one", default=0)
    tls: bool = _described("TLS on the network port, from the role's own authority", default=False)
    database_url: str = _described("database address; empty means SQLite in the data folder", default="")
    redis_url: str = _described("Redis address for fan-out, jobs and limits; empty means none", default="")
    files_url: str = _described("S3 address of files by digest; empty means a folder in the data folder", default="")
    servers: int = _described("how many core processes stand behind nginx, on ports in a row", default=1)
    workers: int = _described("how many worker processes run jobs on this machine", default=1)
    language: str = _described("language of pages before a person chooses: ru or en", default="ru")
    hub_url: str = _described("address of the hub a classroom reports to", default="")
    title: str = _described("name shown at the top of pages: the school or the region", default="")
    body_limit_bytes: int = _described("largest request body of an ordinary endpoint", default=MEBIBYTE)
    trusted_proxies: int = _described("how many proxies in front set X-Forwarded-For", default=0)
    sent_by_proxy: bool = _described("nginx in front sends files of the data folder itself", default=False)
    idle_minutes: int = _described("minutes without an act after which a person's session is locked or over; 0 = never",
                                   default=60)
    ballast_mb: int = _described("room kept back for a full disk, for an organizer to let go; 0 = none", default=0)
    release_trust: str = _described("who holds the keys of ciphers before their hour: single (this hub) or holders",
                                    default="single")
    log_level: str = _described("how much the server writes to its log", default="info")

    @property
    def storage_url(self) -> str:
        """The database address with the default filled in."""
        return self.database_url or f"sqlite:///{self.data.absolute() / (self.role + '.sqlite')}"

    @property
    def run_folder(self) -> Path:
        """What lives as long as the processes: ports, pids, the MAC key of a classroom."""
        return self.data / "run"

    @property
    def mac_folder(self) -> Path:
        """Where the key of session tokens lies: all machines of a hub have the same one, like its other keys."""
        return self.keys_folder if self.role == "hub" else self.run_folder

    @property
    def keys_folder(self) -> Path:
        """Keys made at the first start, readable by the server's own user alone."""
        return self.data / "keys"


class BadSetting(Exception):
    """A setting cannot be read; the message names it and what it must be."""


def load_settings(role: Role, environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Settings from the environment; an override that is None is left out."""
    found: dict[str, Any] = {"role": role, "data": Path(f"{role}-data"), **ROLE_DEFAULTS[role]}
    for one in fields(Settings):
        text = environ.get(PREFIX + one.name.upper())
        if text is not None and one.name != "role":
            found[one.name] = _read_value(one.name, one.type, text)
    found.update({name: value for name, value in overrides.items() if value is not None})
    return _checked(Settings(**found))


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables from which a child process reads the same settings again."""
    words = {True: "yes", False: "no"}
    return {PREFIX + one.name.upper(): words.get(value, str(value)) if isinstance(value, bool) else str(value)
            for one in fields(Settings) for value in [getattr(settings, one.name)]}


def change_settings(settings: Settings, **changes: Any) -> Settings:
    """The same settings but for `changes`, checked again."""
    return _checked(replace(settings, **changes))


def _read_value(name: str, kind: Any, text: str) -> Any:
    if kind is Path:
        return Path(text)
    if kind is bool:
        if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
            raise BadSetting(f"{PREFIX}{name.upper()} must be yes or no, not {text!r}")
        return text.lower() in ("yes", "true", "1")
    if kind is int:
        try:
            return int(text)
        except ValueError as error:
            raise BadSetting(f"{PREFIX}{name.upper()} must be a whole number, not {text!r}") from error
    return text


def _checked(settings: Settings) -> Settings:
    for name in ("port", "console_port", "files_port"):
        if not 0 <= getattr(settings, name) <= 65535:
            raise BadSetting(f"{name} must be between 0 and 65535")
    if min(settings.servers, settings.workers) < 1:
        raise BadSetting("servers and workers must be 1 or more")
    if settings.servers > 1 and not (settings.database_url and settings.redis_url):
        raise BadSetting("several servers need database_url (PostgreSQL) and redis_url")
    if settings.workers > 1 and not settings.redis_url:
        raise BadSetting("several workers need redis_url")
    for name in ("idle_minutes", "ballast_mb"):
        if getattr(settings, name) < 0:
            raise BadSetting(f"{name} must be 0 or more")
    if settings.release_trust not in ("single", "holders"):
        raise BadSetting("release_trust must be single or holders")
    if settings.language not in ("ru", "en"):
        raise BadSetting("language must be ru or en")
    return settings
