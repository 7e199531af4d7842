"""Settings that Safe Exam Browser 2.1.4 for macOS saved, and the Config Key it gave them.

A fact known from public tests of others (Moodle's plugin quizaccess_seb, "unencrypted_mac2.1.4"); here by value.
"""
import base64
from typing import Any

CONFIG_KEY = "4fa9af8ec8759eb7c680752ef4ee5eaf1a860628608fccae2715d519849f9292"
FALSE = """
allowBrowsingBackForward allowDictation allowDictionaryLookup allowDisplayMirroring allowDownUploads
allowFlashFullscreen allowPDFPlugIn allowScreenSharing allowSiri allowSpellCheck allowSwitchToApplications
allowUserAppFolderInstall allowVideoCapture allowVirtualMachine allowWlan blockPopUpWindows
browserMediaAutoplay browserScreenKeyboard
configFileCreateIdentity configFileEncryptUsingIdentity downloadPDFFiles enableAltEsc enableAltF4 enableAltMouseWheel
enableBrowserWindowToolbar enableCtrlEsc enableDrawingEditor enableJava enablePrintScreen enableStartMenu
enableTouchExit examSessionReconfigureAllow hideBrowserWindowToolbar ignoreQuitPassword insideSebEnableChangeAPassword
insideSebEnableEaseOfAccess insideSebEnableLockThisComputer insideSebEnableLogOff
insideSebEnableNetworkConnectionSelector insideSebEnableShutDown insideSebEnableStartTaskManager
insideSebEnableSwitchUser insideSebEnableVmWareClientShade killExplorerShell logSendingRequiresAdminPassword
mobileAllowPictureInPictureMediaPlayback mobileAllowQRCodeConfig mobileAllowSingleAppMode
mobileCompactAllowInlineMediaPlayback mobileEnableGuidedAccessLinkTransform mobileShowSettings
mobileSupportedScreenOrientationsCompactPortraitUpsideDown newBrowserWindowByLinkBlockForeign
newBrowserWindowByScriptBlockForeign newBrowserWindowShowReloadWarning openDownloads pinEmbeddedCertificates
quitURLRestart removeBrowserProfile removeLocalStorage restartExamUseStartURL sebServerFallback showInputLanguage
showNavigationButtons showReloadWarning showScanQRCodeButton startURLAllowDeepLink startURLAppendQueryParameter
touchOptimized URLFilterEnable URLFilterEnableContentFilter urlFilterTrustedContent
""".split()
TRUE = """
allowedDisplayBuiltin allowPreferencesWindow allowQuit allowUserSwitching browserURLSalt browserWindowAllowReload
createNewDesktop detectStoppedProcess downloadAndOpenSebConfig enableAltTab enableAppSwitcherCheck enableEsc enableF1
enableF10 enableF11 enableF12 enableF2 enableF3 enableF4 enableF5 enableF6 enableF7 enableF8 enableF9 enableJavaScript
enableLogging enablePlugIns enablePrivateClipboard enableRightMouse enableSebBrowser enableZoomPage enableZoomText
examSessionClearSessionCookies forceAppFolderInstall hookKeys ignoreExitKeys mobileAllowInlineMediaPlayback
mobileEnableASAM mobilePreventAutoLock mobileSupportedFormFactorsCompact mobileSupportedFormFactorsNonTelephonyCompact
mobileSupportedFormFactorsRegular mobileSupportedScreenOrientationsCompactLandscapeLeft
mobileSupportedScreenOrientationsCompactLandscapeRight mobileSupportedScreenOrientationsCompactPortrait
mobileSupportedScreenOrientationsRegularLandscapeLeft mobileSupportedScreenOrientationsRegularLandscapeRight
mobileSupportedScreenOrientationsRegularPortrait mobileSupportedScreenOrientationsRegularPortraitUpsideDown
monitorProcesses newBrowserWindowAllowReload newBrowserWindowNavigation quitURLConfirm restartExamPasswordProtected
sendBrowserExamKey showBackToStartButton showMenuBar showQuitButton showReloadButton showTaskBar showTime urlFilterRegex
""".split()
NUMBERS = {
    "allowedDisplaysMaxNumber": 1, "allowiOSBetaVersionNumber": 0, "allowiOSVersionNumberMajor": 9,
    "allowiOSVersionNumberMinor": 3, "allowiOSVersionNumberPatch": 5, "browserMessagingPingTime": 120000,
    "browserUserAgentiOS": 0, "browserUserAgentMac": 0, "browserUserAgentWinDesktopMode": 0,
    "browserUserAgentWinTouchMode": 0, "browserViewMode": 0, "browserWindowShowURL": 0, "chooseFileToUploadPolicy": 0,
    "exitKey1": 2, "exitKey2": 10, "exitKey3": 5, "logLevel": 4, "mainBrowserWindowPositioning": 1,
    "minMacOSVersion": 4,
    "mobileStatusBarAppearance": 1, "mobileStatusBarAppearanceExtended": 1, "newBrowserWindowByLinkPolicy": 1,
    "newBrowserWindowByLinkPositioning": 2, "newBrowserWindowByScriptPolicy": 2, "newBrowserWindowShowURL": 2,
    "oskBehavior": 2, "proxySettingsPolicy": 0, "sebConfigPurpose": 0, "sebMode": 0, "sebServicePolicy": 2,
    "taskBarHeight": 40, "URLFilterMessage": 0, "zoomMode": 0,
}
TEXTS = {
    "browserMessagingSocket": r"ws:\localhost:8706", "downloadDirectoryOSX": "/Users/andrewmadden/Downloads",
    "browserUserAgentWinTouchModeIPad": "Mozilla/5.0 (iPad; CPU OS 11_4_1 like Mac OS X) AppleWebKit/605.1.15 "
                                        "(KHTML, like Gecko) Version/11.0 Mobile/15E148 Safari/604.1",
    "downloadDirectoryWin": "Downloads", "mainBrowserWindowHeight": "100%", "mainBrowserWindowWidth": "100%",
    "newBrowserWindowByLinkHeight": "100%", "newBrowserWindowByLinkWidth": "1000",
    "originatorVersion": "SEB_OSX_2.1.4_2B66",
    "startURL": "https://www.google.com",
}
EMPTY_TEXTS = """
blacklistURLFilter browserUserAgent browserUserAgentiOSCustom browserUserAgentMacCustom
browserUserAgentWinDesktopModeCustom browserUserAgentWinTouchModeCustom examSessionReconfigureConfigURL
hashedAdminPassword hashedQuitPassword logDirectoryOSX logDirectoryWin quitURL restartExamText restartExamURL
sebServerURL whitelistURLFilter
""".split()
EMPTY_LISTS = ("additionalResources", "embeddedCertificates", "permittedProcesses", "prohibitedProcesses",
               "URLFilterIgnoreList", "URLFilterRules")
PROXY_PORTS = {"FTP": 21, "HTTP": 80, "HTTPS": 443, "RTSP": 554, "SOCKS": 1080}
PREFIX = "org_safeexambrowser_SEB_"


def make_proxies() -> dict[str, Any]:
    """Five kinds alike, and what stands beside them."""
    alike = {f"{kind}{name}": value for kind, port in PROXY_PORTS.items() for name, value in (
        ("Enable", False), ("Password", ""), ("Port", port), ("Proxy", ""), ("RequiresPassword", False),
        ("Username", ""))}
    beside = {"AutoConfigurationEnabled": False, "AutoConfigurationJavaScript": "", "AutoConfigurationURL": "",
              "AutoDiscoveryEnabled": False, "ExceptionsList": [], "ExcludeSimpleHostnames": False, "FTPPassive": True}
    return {f"{PREFIX}{name}": value for name, value in {**alike, **beside}.items()}


def make_known_settings() -> dict[str, Any]:
    """The whole."""
    return {**dict.fromkeys(FALSE, False), **dict.fromkeys(TRUE, True), **NUMBERS, **TEXTS,
            **dict.fromkeys(EMPTY_TEXTS, ""), **dict.fromkeys(EMPTY_LISTS, []), "proxies": make_proxies(),
            "configKeySalt": b"", "examKeySalt": base64.b64decode("4iLONVAc1yKWLxbe6Vbf2vWYQO6zIRAobKgc3f25LH8=")}
