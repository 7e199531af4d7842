"""A LAN authority and a leaf of it, made in memory, for tests of pairing over TLS."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class FakeAuthority:
    """An authority; `pem` is what a server shows at pairing."""

    def __init__(self, name: str = "Школа № 12") -> None:
        self._name, self._key = _name(name), ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._issue(self._name, self._key.public_key(), is_authority=True)
        self.pem = self._certificate.public_bytes(Encoding.PEM).decode()

    def _issue(self, name: x509.Name, public_key: ec.EllipticCurvePublicKey, is_authority: bool) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(public_key)
                   .serial_number(x509.random_serial_number()).not_valid_before(now - _DAY)
                   .not_valid_after(now + 90 * _DAY)
                   .add_extension(x509.BasicConstraints(is_authority, None), critical=True))
        if not is_authority:
            address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def make_context(self, folder: Path) -> ssl.SSLContext:
        """A server's TLS context with a fresh leaf; its files lie in `folder`."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._issue(_name("classroom"), key.public_key(), is_authority=False)
        path = folder / "leaf.pem"
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                         + leaf.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context
