"""Fetches a real Chromium 109, the last one for Windows 7, for the page tests; nothing of it enters the repository.

    python -m tests.kiosk_client.chromium109 FOLDER     prints the path of the executable

Takes the npm package @sparticuz/chromium at the version that carries 109, checks it against the digest written here and
unpacks it into the folder. What is there already is not fetched again.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@sparticuz/chromium@109.0.6"
SHA512 = ("9hTE03DXnrWTiGNpfjLfmGhIfmiVAerSPinDb+x5bBdM"
          "4KF4PMM1NZ0A+V7WKazoA+CasSX/osHK8K0MuO6uqg==")
# What lies compressed in the package -> what it is unpacked to.
BROWSER = "package/bin/chromium.br"
DRAWING = "package/bin/swiftshader.tar.br"
UNPACK = "process.stdin.pipe(require('zlib').createBrotliDecompress()).pipe(process.stdout)"


class NotThePackage(Exception):
    """What npm gave is not what was looked at when this was written."""


def fetch(folder: Path) -> Path:
    """The executable of Chromium 109 in this folder. Raises NotThePackage, CalledProcessError without a registry."""
    executable = folder / "chromium"
    if executable.exists():
        return executable
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", place, PACKAGE], check=True,
                       stdout=subprocess.DEVNULL)
        [package] = Path(place).glob("*.tgz")
        check(package.read_bytes())
        with tarfile.open(package) as archive:
            unpack_drawing(archive, Path(place), folder)
            part = Path(place) / "chromium"
            part.write_bytes(decompress(archive, BROWSER))
        part.chmod(0o755)
        part.rename(executable)
    return executable


def check(package: bytes) -> None:
    """Raises NotThePackage."""
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != SHA512:
        raise NotThePackage(PACKAGE)


def unpack_drawing(archive: tarfile.TarFile, place: Path, folder: Path) -> None:
    """The libraries that draw without a graphics card lie beside the executable."""
    drawing = place / "drawing.tar"
    drawing.write_bytes(decompress(archive, DRAWING))
    with tarfile.open(drawing) as libraries:
        libraries.extractall(folder, filter="data")


def decompress(archive: tarfile.TarFile, name: str) -> bytes:
    """Brotli by Node, which the pages need anyway."""
    packed = archive.extractfile(name)
    assert packed is not None, name
    return subprocess.run(["node", "-e", UNPACK], input=packed.read(), stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1])))
