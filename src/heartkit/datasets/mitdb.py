"""MIT-BIH Arrhythmia Database: half-hour ambulatory ECGs with every beat and rhythm marked by hand."""

from __future__ import annotations

from dataclasses import replace

from heartkit.datasets.wfdb_beats import WfdbDataset, read_marks, read_record
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

SPLITS = {
    "train": "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230",
    "test": "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234",
    "none": "102 104 107 217",
}
"""DS1 and DS2 of de Chazal et al., and the paced records."""
_SPLIT_OF = {record: split for split, records in SPLITS.items() for record in records.split()}


class Mitdb(WfdbDataset):
    """MIT-BIH Arrhythmia Database 1.0.0: 48 records of 30 minutes, two leads at 360 Hz, from 47 people.

    Training records are the DS1, test records the DS2 of de Chazal et al.; the four paced records are in neither.
    Each record counts as a patient of its own. That is wrong for 201 and 202, which are of one man and which the
    published split puts on different sides; it is kept, because results are compared on it.

    Beats carry EC57's classes; artefacts marked ``|`` are `Beat.NOISE`. Stretches in which the annotators call a lead
    noisy are waves of the kind `Wave.NOISE` on that lead, and are no statement about P, QRS or T.

    References
    ----------
    Moody, Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE Eng. Med. Biol. Mag. 20(3), 2001.
    de Chazal, O'Dwyer, Reilly, "Automatic classification of heartbeats using ECG morphology and heartbeat interval
    features", IEEE Trans. Biomed. Eng. 51(7), 2004.
    """

    name = "mitdb"
    title = "MIT-BIH Arrhythmia Database"
    slug = "mitdb"
    version = "1.0.0"
    licence = "ODC-By 1.0"
    citation = "Moody, Mark, IEEE Eng. Med. Biol. Mag. 20(3):45-50, 2001"
    url = "https://physionet.org/content/mitdb/1.0.0/"
    provides = frozenset({"ecg", "beats", "rhythms"})
    published_splits = frozenset({"train", "test"})
    records_per_shard = 4

    def listing(self) -> list[RecordInfo]:
        """Return the records whose header is here."""
        self.require_folder()
        names = sorted(file.stem for file in self.path.glob("*.hea"))
        return [RecordInfo(name, name, _SPLIT_OF[name]) for name in names if name in _SPLIT_OF]

    def read(self, record_id: str) -> Record:
        """Read signals, beats, rhythms and the noisy stretches of each lead."""
        record = read_record(self.path / record_id, record_id, record_id)
        marks = read_marks(self.path / record_id, "atr", record)
        return replace(
            record,
            beats=marks.beats(),
            rhythms=marks.rhythms(record.duration),
            waves=marks.noise(len(record.leads), record.duration),
        )
