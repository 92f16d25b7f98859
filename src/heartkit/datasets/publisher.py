"""The publisher's server: where a dataset is, and which files it has."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from ssl import SSLContext

import httpx

from heartkit.datasets.base import PHYSIONET
from heartkit.datasets.checksums import SUMS_FILE, RemoteFile, parse_sums
from heartkit.datasets.transfer import Connection, Patience
from heartkit.errors import ConfigError
from heartkit.files import write_bytes

BASE_URL_VARIABLE = "HEARTKIT_PHYSIONET_URL"


def dataset_url(slug: str, version: str, base_url: str | None = None) -> str:
    """Return ``<base>/<slug>/<version>``.

    Parameters
    ----------
    slug, version : str
        As in the publisher's addresses, e.g. ``"ludb"``, ``"1.0.1"``.
    base_url : str, optional
        By default the environment variable ``HEARTKIT_PHYSIONET_URL``, else PhysioNet.

    Raises
    ------
    ConfigError
        If it is no http(s) address.
    """
    base = base_url or os.environ.get(BASE_URL_VARIABLE) or PHYSIONET
    try:
        usable = httpx.URL(base).scheme in ("http", "https") and bool(httpx.URL(base).host)
    except httpx.InvalidURL:
        usable = False
    if not usable:
        raise ConfigError(f"The base URL {base!r} is no http(s) address. Expected something like {PHYSIONET!r}.")
    return f"{base.rstrip('/')}/{slug}/{version}"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the publisher offers of a dataset.

    Parameters
    ----------
    url : str
        The address of the dataset.
    text : str
        ``SHA256SUMS.txt`` as it came.
    files : tuple of RemoteFile
        What it lists.
    """

    url: str
    text: str
    files: tuple[RemoteFile, ...]

    def keep(self, folder: Path) -> None:
        """Write the list beside the files, for `sha256sum -c`.

        The same list is not written again: a changed file would have the record store prepare everything anew.
        """
        path, data = folder / SUMS_FILE, self.text.encode()
        if not path.is_file() or path.read_bytes() != data:
            write_bytes(path, data)


def list_files(url: str, patience: Patience | None = None) -> Listing:
    """Ask the publisher which files a dataset has.

    Parameters
    ----------
    url : str
        The address of the dataset (`dataset_url`).
    patience : Patience, optional
        How often to try again, and how long to wait.

    Raises
    ------
    DownloadError
        If the list cannot be had or read, or names a path outside the dataset's folder.
    """
    patience, address = patience or Patience(), f"{url}/{SUMS_FILE}"
    with open_client(patience) as client:
        text = Connection(client, patience, threading.Event(), lambda _: None).text(address)
    return Listing(url, text, tuple(parse_sums(text, address)))


def open_client(patience: Patience) -> httpx.Client:
    """Return connections to servers, to be closed by the caller."""
    # Encoded bytes could neither be resumed nor compared with the publisher's sums.
    headers = {"User-Agent": f"heartkit/{metadata.version('heartkit')}", "Accept-Encoding": "identity"}
    return httpx.Client(verify=_certificates(), headers=headers, timeout=patience.timeout, follow_redirects=True)


@lru_cache(maxsize=1)
def _certificates() -> SSLContext:
    """Return the certificates to trust, which take longer to read than a small file to fetch."""
    return httpx.create_ssl_context()
