"""The browser's command line and its preferences: one page, the whole screen, nothing that talks to anybody else.

Pure: takes a browser, a folder and an address. What flags cannot do (the system's own keys, policies that belong to the
machine's administrator) is said in the guide for technicians.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from kiosk_client.lockdown.browsers import EDGE, Browser

# Flags that only a test's machine needs are never written in this code.
EXTRA_FLAGS = "KIOSK_BROWSER_FLAGS"

FLAGS = (
    # One page on the whole screen. In a window of an application every key reaches the page before the browser: that
    # is what lets the page take Ctrl+N, Ctrl+T and F12 away.
    "--kiosk", "--new-window", "--no-first-run", "--no-default-browser-check", "--hide-crash-restore-bubble",
    "--disable-session-crashed-bubble", "--noerrdialogs", "--disable-search-engine-choice-screen",
    # Nothing beside the page: no further windows, no extensions, no questions for permission.
    "--block-new-web-contents", "--disable-extensions", "--disable-component-extensions-with-background-pages",
    "--deny-permission-prompts", "--disable-notifications", "--disable-default-apps",
    # Nobody else is talked to, and a proxy of the system is never asked about this very computer.
    "--no-proxy-server", "--disable-sync", "--disable-background-networking", "--disable-component-update",
    "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--disable-breakpad", "--no-pings",
    # Passwords stay out of the system's keyring, which would ask for its own password first.
    "--password-store=basic", "--disable-save-password-bubble",
    # Fingers scroll; they do not zoom the page away or swipe to the page before.
    "--disable-pinch", "--overscroll-history-navigation=0",
    # A hearing starts when it was journalled, not when the page was clicked; clocks run in a covered window too.
    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--disable-hang-monitor",
    "--disable-dinosaur-easter-egg",
)
# feature -> why it is off
DISABLED_FEATURES = {
    "Translate": "a task must stay in its language",
    "MediaRouter": "no casting of the page to another screen, and no search for one in the network",
    "DialMediaRouteProvider": "the same, by another protocol",
    "HardwareMediaKeyHandling": "the buttons of a headset must not stop a hearing",
    "GlobalMediaControls": "the same, from the browser's own window",
    "LensOverlay": "no search by picture",
    "OptimizationHints": "fetches from afar",
    "AutofillServerCommunication": "tells field names to a server",
    "InterestFeedContentSuggestions": "no news in an exam",
    "CalculateNativeWinOcclusion": "Windows: a page under a dialog of the system goes on running",
    "msEdgeSidebarV2": "Edge: no sidebar with search and an assistant",
    "msUndersideButton": "Edge: no button of the assistant",
    "msForceBrowserSignIn": "Edge: no sign-in",
}
DEVTOOLS_FORBIDDEN, PREDICT_NEVER = 2, 2


def make_command(browser: Browser, profile: Path, address: str) -> list[str]:
    """The command line: a profile of its own, one page, the whole screen."""
    own = ["--edge-kiosk-type=fullscreen"] if browser.kind is EDGE else []
    # Edge's own kiosk mode takes the address plain.
    page = address if browser.kind is EDGE else f"--app={address}"
    extra = shlex.split(os.environ.get(EXTRA_FLAGS, ""))
    return [browser.path, *FLAGS, f"--disable-features={','.join(DISABLED_FEATURES)}", f"--user-data-dir={profile}",
            *own, *extra, page]


def make_preferences() -> dict[str, Any]:
    """What the fresh profile is told: settings that have no flag."""
    return {
        "credentials_enable_service": False, "credentials_enable_autosignin": False,
        "profile": {"password_manager_enabled": False, "exit_type": "Normal"},
        "autofill": {"enabled": False, "profile_enabled": False, "credit_card_enabled": False},
        "translate": {"enabled": False}, "browser": {"enable_spellchecking": False},
        "spellcheck": {"use_spelling_service": False, "dictionaries": []},
        "printing": {"enabled": False}, "devtools": {"availability": DEVTOOLS_FORBIDDEN},
        "net": {"network_prediction_options": PREDICT_NEVER}, "search": {"suggest_enabled": False},
        "safebrowsing": {"enabled": False}, "signin": {"allowed": False}, "background_mode": {"enabled": False},
        "alternate_error_pages": {"enabled": False}, "download": {"prompt_for_download": True},
    }
