"""Fetch datasets from their publishers, verified by the publishers' SHA-256 sums."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heartkit import console
from heartkit.datasets.fetch import fetch
from heartkit.datasets.publisher import dataset_url, list_files
from heartkit.errors import ConfigError, DataError, DownloadError, HeartkitError
from heartkit.factories import DatasetFactory
from heartkit.files import write_json
from heartkit.job import Job

if TYPE_CHECKING:
    from heartkit.datasets.base import Dataset
    from heartkit.params import DatasetParams, HKDownloadParams

DEFAULT_FOLDER = Path("datasets")


def download(params: HKDownloadParams, task: object = None) -> dict[str, Any]:
    """Fetch the configured datasets, one after the other, each over several connections.

    Parameters
    ----------
    params : HKDownloadParams
        Which datasets, where to (``path``; by default ``./datasets/<name>``), over how many connections, whether to
        fetch anew what is there. ``params.base_url`` of a dataset names another server.
    task : object
        Downloading is the same for all tasks: not used.

    Returns
    -------
    dict
        ``datasets``: for each its name, version, licence, citation, url, folder, files (path to sum and whether it was
        fetched, resumed or present), received bytes and seconds. The same stands in the job folder's
        ``download.json``.

    Raises
    ------
    ConfigError
        If no dataset is configured, or a name or an option is unknown: before anything is fetched.
    DataError
        If a folder of the user's own cannot be used: after everything was fetched.
    DownloadError
        If a file could not be had; ``download.json`` has the datasets that were complete before.
    HeartkitError
        If a folder cannot be written.
    """
    if not params.datasets:
        raise ConfigError(
            'No dataset is configured. Name at least one, for example --set \'datasets=[{"name": "ludb"}]\'; '
            "`heartkit list datasets` shows them all."
        )
    # All names and options are read before the first byte is fetched.
    datasets = [_open(entry) for entry in params.datasets]
    result: dict[str, Any] = {"datasets": []}
    with Job.open(params.job_dir, "download", params.resolved()) as job:
        for dataset in datasets:
            if not isinstance(dataset, HeartkitError):
                result["datasets"].append(_download(dataset, params))
                write_json(job.folder / "download.json", result)
        wrong = [one for one in datasets if isinstance(one, HeartkitError)]
        if wrong:
            raise DataError("\n".join(map(str, wrong))) from wrong[0]
    return result


def _open(entry: DatasetParams) -> Dataset | HeartkitError:
    """Return the dataset, with its folder chosen; of one that nothing is fetched for also what is wrong with it."""
    kind = DatasetFactory.get(entry.name)
    folder = entry.path if entry.path != Path() else DEFAULT_FOLDER / DatasetFactory.canonical(entry.name)
    kind.Options.read(entry.params, f"params of dataset {entry.name!r}")
    try:
        dataset: Dataset = kind(folder, entry.params)
    except HeartkitError as error:
        if kind.slug:
            raise
        return error  # what lies in a user's folder keeps nothing else from being fetched
    return dataset


def _download(dataset: Dataset, params: HKDownloadParams) -> dict[str, Any]:
    about = {"name": dataset.name, "version": dataset.version}
    if not dataset.slug:
        where = "it is made on this computer" if dataset.made else f"its files are your own, in {dataset.path}"
        console.say(f"{dataset.name}: nothing to download, {where}.")
        return {**about, "files": {}, "received": 0, "seconds": 0.0}
    options = dataset.options
    own_server = options.base_url if "base_url" in options.model_fields_set else None
    listing = list_files(dataset_url(dataset.slug, dataset.version, own_server))
    files = [file for file in listing.files if dataset.wanted(file.path)]
    if not files:
        raise DownloadError(
            f"{listing.url} lists {len(listing.files)} files, none of which {dataset.name!r} needs. Check the base URL."
        )
    report = fetch(
        files, dataset.path, listing.url, jobs=params.data_parallelism, force=params.force, progress=params.progress
    )
    listing.keep(dataset.path)
    console.say(f"{dataset.name}: {report.summary()}. Licence: {dataset.licence}. Cite: {dataset.citation}.")
    return {
        **about, "licence": dataset.licence, "citation": dataset.citation, "url": report.url, "folder": report.folder,
        "files": {file.path: {"sha256": file.sha256, "how": report.files[file.path]} for file in files},
        "received": report.received, "seconds": round(report.seconds, 3),
    }  # fmt: skip
