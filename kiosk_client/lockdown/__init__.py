"""The workstation shows one page and nothing else: the browser found, opened, opened again, left by an organizer."""

from kiosk_client.lockdown.browsers import Browser, BrowserTooOld, NoBrowser, choose_browser, find_browser, read_version
from kiosk_client.lockdown.command import EXTRA_FLAGS, make_command
from kiosk_client.lockdown.kiosk_browser import KioskBrowser

__all__ = ["EXTRA_FLAGS", "Browser", "BrowserTooOld", "KioskBrowser", "NoBrowser", "choose_browser", "find_browser",
           "make_command", "read_version"]
