"""The settings an exam in Safe Exam Browser runs with, and the file that carries them.

Pure: takes the start address, the addresses a page may go to, the quit password's digest and the LAN authority; gives
settings and the bytes of a .seb file. Names: SEB-Specification-ConfigKeys of the project.
"""
from __future__ import annotations

import gzip
import plistlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from testing_server.contracts.canonical import sha256_hex
from testing_server.exam_day.safe_exam_browser.config_key import Value

PLAIN = b"plnd"
ALLOW, AUTHORITY, STARTS_EXAM, FULL_SCREEN, NO_WINDOWS, BLOCK, MODERN_ENGINE = 1, 2, 0, 1, 0, 1, 3

# Nothing beside the exam: no other programs, keys, windows, screens, tools, helpers with words.
FORBIDDEN = (
    "allowApplicationLog", "allowBrowsingBackForward", "allowCustomDownUploadLocation", "allowDeveloperConsole",
    "allowDictation", "allowDictionaryLookup", "allowDisplayMirroring", "allowDownloads", "allowFind",
    "allowPreferencesWindow", "allowPrint", "allowScreenSharing", "allowSiri", "allowSpellCheck",
    "allowSwitchToApplications", "allowUserSwitching", "allowVideoCapture", "allowVirtualMachine", "allowWlan",
    "audioMute", "browserWindowAllowAddressBar", "downloadAndOpenSebConfig", "enableAltEsc", "enableAltF4",
    "enableAltTab", "enableCtrlEsc", "enableF1", "enableF10", "enableF11", "enableF12", "enableF3", "enableFindPrinter",
    "enableMiddleMouse", "enablePrintScreen", "enableRightMouse", "enableStartMenu", "examSessionReconfigureAllow",
    "ignoreQuitPassword", "showReloadWarning",
)
# The seat keeps its answers in the browser until the server has them: they must outlive a restart of the browser.
KEPT = ("examSessionClearCookiesOnEnd", "examSessionClearCookiesOnStart", "removeBrowserProfile", "removeLocalStorage")
GIVEN = (
    "URLFilterEnable", "allowAudioCapture", "allowQuit", "allowUploads", "audioControlEnabled", "browserMediaAutoplay",
    "browserWindowAllowReload", "createNewDesktop", "displayAlwaysOn", "enablePrivateClipboard", "enableZoomPage",
    "enableZoomText", "sendBrowserExamKey", "showInputLanguage", "showReloadButton", "showTaskBar", "showTime",
    "systemAlwaysOn",
)


@dataclass(frozen=True)
class Exam:
    """`hosts`: "address:port" a page may go to; `quit_password`: what an organizer types to leave; `authority`: DER."""

    start_url: str
    hosts: Sequence[str]
    quit_password: str
    authority: bytes


def make_settings(exam: Exam) -> dict[str, Value]:
    """Every setting that the Config Key is made of; what is not named here has the browser's own safe default."""
    rules: list[Value] = [{"action": ALLOW, "active": True, "expression": f"{host}/*", "regex": False}
                          for host in exam.hosts]
    certificate: dict[str, Value] = {"certificateData": exam.authority, "name": "testing-server", "type": AUTHORITY}
    return {
        **dict.fromkeys(FORBIDDEN + KEPT, False), **dict.fromkeys(GIVEN, True),
        "originatorVersion": "testing-server", "startURL": exam.start_url, "URLFilterRules": rules,
        "URLFilterEnableContentFilter": False, "hashedQuitPassword": sha256_hex(exam.quit_password.encode()),
        "sebConfigPurpose": STARTS_EXAM, "browserViewMode": FULL_SCREEN, "clipboardPolicy": BLOCK,
        "newBrowserWindowByLinkPolicy": NO_WINDOWS, "newBrowserWindowByScriptPolicy": NO_WINDOWS,
        "browserWindowWebView": MODERN_ENGINE, "allowedDisplaysMaxNumber": 1, "embeddedCertificates": [certificate],
    }


def list_hosts(start_url: str, files_port: int) -> list[str]:
    """The server's pages and its files process."""
    parts = urlsplit(start_url)
    own = parts.port or (443 if parts.scheme == "https" else 80)
    return [f"{parts.hostname}:{port}" for port in dict.fromkeys((own, files_port))]


def write_seb_file(settings: Mapping[str, Value]) -> bytes:
    """A .seb file without encryption: gzip of "plnd" and the gzip of the XML property list. The same settings give the
    same bytes. https://safeexambrowser.org/developer/seb-file-format.html"""
    plain = plistlib.dumps(dict(settings), fmt=plistlib.FMT_XML, sort_keys=True)
    return gzip.compress(PLAIN + gzip.compress(plain, mtime=0), mtime=0)
