"""A virtual microphone for tests, CI and demonstrations: a private PulseAudio server in a given folder.

Takes a folder, gives an environment in which PortAudio and browsers see `VirtualMicrophone`, which hears
what `speak` plays. Needs the programs pulseaudio, pactl, paplay; for `speak_text` espeak-ng.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from audio.faults import DeviceStuck, SoundUnreadable, ToolMissing, VoiceMissing

START_SECONDS = 10.0
STOP_SECONDS = 5.0
SPEAKER = "vspk"
MICROPHONE = "vmic"
# A sink that rewinds, or 60 ms of latency, breaks the sound in one recording of ten; on a machine busy with three
# times its work 100 ms breaks one in seven, 300 ms none.
LATENCY_MS = 250
# A living microphone is never exactly silent: a hum of two steps of the converter, far under anything that is judged.
HUM_HERTZ, HUM_VOLUME = 50, 3300
VOICES = {"ru": "ru", "en": "en-gb", "de": "de", "fr": "fr-fr"}

SCRIPT = """.fail
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name={speaker} rate=48000 channels=1 format=s16le norewinds=1
load-module module-remap-source source_name={microphone} master={speaker}.monitor \
source_properties=device.description=VirtualMicrophone
set-default-sink {speaker}
set-default-source {microphone}
load-module module-sine sink={speaker} frequency={hertz}
set-sink-input-volume 0 {volume}
"""


class VirtualMicrophone:
    """A running virtual microphone. Child processes see it when they get `environment`;
    PortAudio opens it as the device `pulse`, browsers as their default microphone."""

    device = "pulse"

    def __init__(self, folder: Path, environment: dict[str, str], server: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.environment = environment
        self._server = server

    def speak(self, sound: Path) -> None:
        """Play a sound file into the microphone, to its end.

        :raises SoundUnreadable: not a sound file. :raises DeviceStuck: the server does not play.
        """
        player = self.start_speaking(sound)
        try:
            code = player.wait(timeout=_measure_seconds(sound) + 10)
        except subprocess.TimeoutExpired:
            player.kill()
            player.wait()
            raise DeviceStuck(f"paplay {sound}") from None
        if code:
            raise DeviceStuck(f"paplay {sound}: exit code {code}")

    def start_speaking(self, sound: Path) -> subprocess.Popen[bytes]:
        """Begin to play a sound file and go on; the caller waits for the process or kills it."""
        _measure_seconds(sound)
        return subprocess.Popen(
            [_find("paplay"), f"--device={SPEAKER}", str(sound)],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def control(self, *words: str) -> str:
        """What `pactl` answers, for instance to `suspend-source vmic 1`."""
        return _control(self.environment, *words)

    def is_running(self) -> bool:
        return self._server.poll() is None

    def kill(self) -> None:
        """End the sound server at once, as a crash would."""
        self._server.kill()
        self._server.wait()

    def stop(self) -> None:
        """End the sound server; harmless when repeated."""
        if not self.is_running():
            return
        self._server.terminate()
        try:
            self._server.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def start_virtual_microphone(folder: Path) -> Iterator[VirtualMicrophone]:
    """A virtual microphone for the length of a `with`; everything of it lives in `folder`.

    :raises ToolMissing: a program is not installed. :raises DeviceStuck: the server did not come up.
    """
    microphone = open_virtual_microphone(folder)
    try:
        yield microphone
    finally:
        microphone.stop()


def open_virtual_microphone(folder: Path) -> VirtualMicrophone:
    """The same for a caller that ends it by `stop`."""
    for program in ("pulseaudio", "pactl", "paplay"):
        _find(program)
    folder.mkdir(parents=True, exist_ok=True)
    environment = _describe_environment(folder.resolve())
    server = _launch(folder.resolve(), environment)
    microphone = VirtualMicrophone(folder, environment, server)
    try:
        _wait_until_ready(microphone)
    except BaseException:
        microphone.stop()
        raise
    return microphone


def speak_text(text: str, language: str, out_wav: Path, words_per_minute: int = 150) -> Path:
    """Synthesised speech as a WAV file (mono, 22,050 Hz) in ru, en, de or fr.

    :raises ToolMissing: no espeak-ng. :raises VoiceMissing: another language (espeak-ng itself would speak
        English then, and say nothing of it). :raises SoundUnreadable: it wrote nothing.
    """
    if language not in VOICES:
        raise VoiceMissing(language)
    voice = VOICES[language]
    command = [_find("espeak-ng"), "-v", voice, "-s", str(words_per_minute), "-w", str(out_wav), "--", text]
    done = subprocess.run(command, capture_output=True, timeout=60)
    if done.returncode or not out_wav.exists():
        raise SoundUnreadable(f"espeak-ng -v {voice}: {done.stderr.decode(errors='replace').strip()}")
    return out_wav


def _describe_environment(folder: Path) -> dict[str, str]:
    # A socket's path has about 100 bytes at most: the server's address is kept short by the caller's folder.
    return {
        **os.environ,
        "XDG_RUNTIME_DIR": str(folder),
        "HOME": str(folder),
        "PULSE_RUNTIME_PATH": str(folder / "p"),
        "PULSE_SERVER": f"unix:{folder / 'pulse.sock'}",
        "PULSE_LATENCY_MSEC": str(LATENCY_MS),
    }


def _launch(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    script = folder / "vmic.pa"
    socket = folder / "pulse.sock"
    script.write_text(SCRIPT.format(socket=socket, speaker=SPEAKER, microphone=MICROPHONE,
                                    hertz=HUM_HERTZ, volume=HUM_VOLUME), encoding="utf-8")
    return subprocess.Popen(
        [_find("pulseaudio"), "-n", "-F", str(script), "--daemonize=no", "--exit-idle-time=-1",
         "--use-pid-file=no", "--disable-shm=yes"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def _wait_until_ready(microphone: VirtualMicrophone) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and microphone.is_running():
        if _control(microphone.environment, "get-default-source").strip() == MICROPHONE:
            return
        time.sleep(0.02)
    raise DeviceStuck(f"pulseaudio in {microphone.folder} did not come up")


def _control(environment: dict[str, str], *words: str) -> str:
    try:
        done = subprocess.run(
            [_find("pactl"), *words], env=environment, capture_output=True, timeout=5, text=True
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def _measure_seconds(sound: Path) -> float:
    try:
        return float(soundfile.info(str(sound)).duration)
    except (soundfile.LibsndfileError, OSError) as error:
        raise SoundUnreadable(f"{sound}: {error}") from None


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise ToolMissing(f"{program} is not installed (apt install pulseaudio pulseaudio-utils espeak-ng)")
    return found
