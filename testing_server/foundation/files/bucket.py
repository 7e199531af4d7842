"""One bucket of an S3 store. Takes its address; gives objects by name.

Nothing but put, get, head, list and delete is asked of the store: every one that calls itself S3 has these.
"""
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from flask_babel import lazy_gettext as _
from minio import Minio
from minio.error import MinioException, S3Error

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import BadSetting

log = logging.getLogger(__name__)
T = TypeVar("T")
SCHEMES = {"s3": True, "s3+http": False}
MISSING = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})
REGION = "us-east-1"
CONNECTIONS = 50
CONNECT_S, READ_S, RETRIES = 5.0, 60.0, 3


class StoreAway(Refusal):
    code = "busy"
    status = 503
    message = _("Хранилище файлов сейчас не отвечает.")
    safe = _("Принятое раньше цело.")
    remedy = _("Подождите немного и повторите.")
    retry_after_s = 5


@dataclass(frozen=True)
class BucketAddress:
    """What files_url says."""

    endpoint: str
    bucket: str
    key: str
    secret: str
    secure: bool
    region: str


def read_address(url: str) -> BucketAddress:
    """s3://KEY:SECRET@host[:port]/bucket[?region=…], s3+http:// without TLS. Raises BadSetting."""
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme not in SCHEMES or not parts.hostname or not bucket or "/" in bucket:
        raise BadSetting("files_url must be like s3://KEY:SECRET@host/bucket")
    region = parse_qs(parts.query).get("region", [REGION])[0]
    return BucketAddress(parts.netloc.rpartition("@")[2], bucket, unquote(parts.username or ""),
                         unquote(parts.password or ""), SCHEMES[parts.scheme], region)


class Bucket:
    """Objects by name. Every call may raise StoreAway."""

    def __init__(self, address: BucketAddress) -> None:
        pool = urllib3.PoolManager(
            maxsize=CONNECTIONS, timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            retries=urllib3.Retry(total=RETRIES, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]))
        self._client = Minio(address.endpoint, access_key=address.key, secret_key=address.secret,
                             secure=address.secure, region=address.region, http_client=pool)
        self._name = address.bucket

    def ensure(self) -> None:
        """Makes the bucket where it is not there yet; two processes may do so at once."""
        def make() -> None:
            if self._client.bucket_exists(self._name):
                return
            try:
                self._client.make_bucket(self._name)
            except S3Error as error:
                if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    raise
        _ask(make)

    def put(self, name: str, data: bytes) -> None:
        """Durable when it returns; the same name twice is one object."""
        _ask(lambda: self._client.put_object(self._name, name, io.BytesIO(data), len(data)))

    def put_file(self, name: str, path: Path) -> None:
        """A file of this machine, in parts where it is large."""
        _ask(lambda: self._client.fput_object(self._name, name, str(path)))

    def fetch(self, name: str, target: Path) -> bool:
        """Into a file of this machine, whole or not at all; False when there is no such object."""
        def get() -> bool:
            self._client.fget_object(self._name, name, str(target))
            return True
        return _ask_or(False, get)

    def pour(self, name: str, out: Any, piece: int = 1024 * 1024) -> None:
        """The object's bytes into an open file."""
        def get() -> None:
            response = self._client.get_object(self._name, name)
            try:
                for data in response.stream(piece):
                    out.write(data)
            finally:
                response.close()
                response.release_conn()
        _ask(get)

    def has(self, name: str) -> bool:
        """Whether there is such an object."""
        def ask() -> bool:
            self._client.stat_object(self._name, name)
            return True
        return _ask_or(False, ask)

    def list(self, prefix: str) -> Iterator[str]:
        """Names that begin with `prefix`, in order."""
        found = _ask(lambda: [one.object_name for one in
                              self._client.list_objects(self._name, prefix=prefix, recursive=True)])
        return iter(found)

    def delete(self, name: str) -> None:
        """A missing object is no error."""
        _ask_or(None, lambda: self._client.remove_object(self._name, name))


def _ask(action: Callable[[], T]) -> T:
    try:
        return action()
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        log.error("the store of files does not answer: %s", error)
        raise StoreAway() from error


def _ask_or(otherwise: T, action: Callable[[], T]) -> T:
    try:
        return action()
    except S3Error as error:
        if error.code in MISSING:
            return otherwise
        log.error("the store of files refuses: %s", error.code)
        raise StoreAway() from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        log.error("the store of files does not answer: %s", error)
        raise StoreAway() from error
