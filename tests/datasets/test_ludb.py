"""LUDB: the real recordings against marks read independently, and a tiny copy of it with every kind of damage."""

import csv
import os

import numpy as np
import pytest
import wfdb

from heartkit.datasets.ludb import LEADS, Ludb
from heartkit.errors import ConfigError, DatasetMissingError, NoRecordsError, RecordError
from heartkit.records.diagnosis_codes import superclasses
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Diagnosis, Rhythm, Wave
from heartkit.records.wave_track import wave_track
from tiny_ludb import MARKS, RATE, TIMES, write_ludb, write_marks

KINDS = {"p": Wave.P, "N": Wave.QRS, "t": Wave.T}


@pytest.fixture
def tiny(tmp_path):
    return write_ludb(tmp_path / "ludb", ["1", "2", "5"])


@pytest.fixture(scope="session")
def real(shared_data):
    return Ludb(shared_data / "ludb" / "1.0.1")


def spans(record, lead: int) -> list[tuple[float, float]]:
    chosen = record.annotated.kind == lead
    return list(zip(record.annotated.start[chosen].tolist(), record.annotated.stop[chosen].tolist(), strict=True))


# --- a tiny copy


def test_a_record_as_it_was_written(tiny):
    record = Ludb(tiny).read("2")
    assert (record.id, record.patient, record.sampling_rate, record.leads) == ("2", "2", 500.0, LEADS)
    assert record.units == ("mV",) * 12
    assert record.signals.shape == (12, 1000)
    assert record.signals.dtype == np.float32
    assert np.allclose(record.signals[:, 1:], np.arange(12)[:, None] + 0.002, atol=1e-4)
    for lead in range(12):
        waves = record.waves.on_lead(lead)
        assert waves.kind.tolist() == [Wave.P, Wave.QRS, Wave.T] * 2
        assert np.allclose(np.column_stack([waves.onset, waves.peak, waves.offset]).ravel() * RATE, TIMES)
        assert spans(record, lead) == [(0.2, 1.48)], "from the first mark to the last"


def test_the_listing(tiny):
    found = Ludb(tiny).listing()
    assert [(info.id, info.patient, info.split) for info in found] == [
        ("1", "1", None), ("2", "2", None), ("5", "5", "test"),
    ]  # fmt: skip


def test_diagnoses(tiny):
    dataset = Ludb(tiny)
    assert dict(dataset.read("1").diagnoses) == dict.fromkeys(
        ["Sinus bradycardia", "Horizontal", "Another line"], 100.0
    )
    assert dict(dataset.read("2").diagnoses) == {"Sinus rhythm": 100.0}
    assert dict(dataset.read("5").diagnoses) == {}
    (tiny / "ludb.csv").unlink()
    assert dict(dataset.read("1").diagnoses) == {}


def test_the_stated_rhythm_lasts_as_long_as_the_recording(tiny):
    for record, rhythm in (("1", Rhythm.SBRAD), ("2", Rhythm.SR)):
        spans = Ludb(tiny).read(record).rhythms
        assert (spans.kind.tolist(), spans.start.tolist(), spans.stop.tolist()) == ([rhythm], [0.0], [2.0])
    assert len(Ludb(tiny).read("5").rhythms) == 0


def without(*places: int):
    keep = [n for n in range(len(MARKS)) if n not in places]
    return [MARKS[n] for n in keep], [TIMES[n] for n in keep]


@pytest.mark.parametrize(
    ("lost", "kinds", "known"),
    [
        # The first P lacks its onset, its peak, its offset: what is known begins with the QRS after it.
        *(((n,), "NtpNt", [(160, 740)]) for n in (0, 1, 2)),
        # The first T in the middle lacks a mark: nothing is known from the QRS before it to the P after it.
        *(((n,), "pNpNt", [(100, 200), (500, 740)]) for n in (6, 7, 8)),
        # The last T.
        *(((n,), "pNtpN", [(100, 600)]) for n in (15, 16, 17)),
        # Two broken waves, one after the other, and two with a whole one between.
        ((3, 7), "ppNt", [(100, 140), (500, 740)]),
        ((3, 9), "ptNt", [(100, 140), (260, 340), (560, 740)]),
        # Only an onset, only a peak, only an offset are left of the T in the middle.
        *((tuple({6, 7, 8} - {n}), "pNpNt", [(100, 200), (500, 740)]) for n in (6, 7, 8)),
    ],
)
def test_a_wave_that_lacks_a_mark_is_left_out_and_nothing_is_known_around_it(tiny, lost, kinds, known):
    write_marks(tiny, "1", "v1", *without(*lost))
    record = Ludb(tiny).read("1")
    lead = LEADS.index("V1")
    assert record.waves.on_lead(lead).kind.tolist() == [KINDS[one] for one in kinds]
    assert [(round(a * RATE), round(b * RATE)) for a, b in spans(record, lead)] == known
    track = wave_track(record.waves, record.annotated, 12, 1000, RATE)
    inside = np.zeros(1000, bool)
    for first, last in known:
        inside[first : last + 1] = True
    assert ((track[lead] >= 0) == inside).all()
    assert spans(record, 0) == [(0.2, 1.48)], "other leads keep theirs"


def test_a_lead_without_a_wave_is_unknown_and_a_record_without_any_is_unusable(tiny):
    write_marks(tiny, "1", "ii", ["N"], [180])
    record = Ludb(tiny).read("1")
    assert len(record.waves.on_lead(1)) == 0
    assert spans(record, 1) == []
    for lead in LEADS:
        write_marks(tiny, "1", lead.lower(), ["N"], [180])
    with pytest.raises(RecordError, match="'1': no lead has a marked wave"):
        Ludb(tiny).read("1")


def _truncate(tiny):
    os.truncate(tiny / "data" / "1.dat", 9000)


def _no_header(tiny):
    (tiny / "data" / "1.hea").unlink()


def _no_signal(tiny):
    (tiny / "data" / "1.dat").unlink()


def _no_marks(tiny):
    (tiny / "data" / "1.avf").unlink()


def _empty_header(tiny):
    (tiny / "data" / "1.hea").write_text("")


def _garbled_header(tiny):
    (tiny / "data" / "1.hea").write_bytes(bytes(range(128, 256)))


def _beyond_the_end(tiny):
    write_marks(tiny, "1", "v6", ["(", "N", ")"], [980, 990, 1010])


def _swapped_leads(tiny):
    header = tiny / "data" / "1.hea"
    header.write_text(header.read_text().replace(" iii\n", " x\n").replace(" ii\n", " iii\n").replace(" x\n", " ii\n"))


def _fewer_leads(tiny):
    lines = (tiny / "data" / "1.hea").read_text().splitlines()
    (tiny / "data" / "1.hea").write_text("\n".join([lines[0].replace(" 12 ", " 11 "), *lines[1:12]]) + "\n")


DAMAGE = {
    _truncate: "", _no_header: "1.hea", _no_signal: "1.dat", _no_marks: "1.avf", _empty_header: "", _garbled_header: "",
    _beyond_the_end: "2.020 s, beyond the end at 2.000 s", _swapped_leads: "has leads", _fewer_leads: "",
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__[1:])
def test_a_damaged_record_is_left_out_and_named_and_the_run_goes_on(tiny, tmp_path, caplog, damage):
    damage(tiny)
    dataset = Ludb(tiny)
    bad, good = dataset.read_many(["1", "2"])
    assert type(bad) is RecordError
    assert good.id == "2"
    assert "'1'" in str(bad)
    assert DAMAGE[damage] in str(bad)
    store = prepare(dataset, 250, tmp_path / "cache", progress=False)
    assert store.ids == ["2", "5"]
    assert list(store.skipped) == ["1"]
    assert "ludb: left out 1 unusable of 3 recordings: Record '1'" in caplog.text


def test_nothing_usable(tmp_path):
    folder = write_ludb(tmp_path / "ludb", ["1"])
    _truncate(folder)
    with pytest.raises(
        NoRecordsError, match="'ludb' has no usable recording: 1 listed, 1 unusable; Record '1' cannot be read: "
    ):
        prepare(Ludb(folder), 100, tmp_path / "cache", progress=False)


def test_an_absent_folder_says_the_download_command(tmp_path):
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DatasetMissingError, match=r"heartkit download .*\"name\": \"ludb\""):
            Ludb(folder).listing()


def test_options(tiny):
    assert Ludb(tiny, {"leads": ["II"], "splits": ["val"]}).options.leads == ["II"]
    with pytest.raises(ConfigError, match=r"'lead'.*Did you mean 'leads'.*params of dataset 'ludb'"):
        Ludb(tiny, {"lead": ["II"]})
    with pytest.raises(ConfigError, match="splits"):
        Ludb(tiny, {"splits": ["validation"]})


# --- the real recordings


def independent(folder, record: str, lead: str) -> list[tuple[str, int, int, int]]:
    """Pair every peak with the brackets around it: (kind, onset, peak, offset), None for what is missing."""
    marks = wfdb.rdann(str(folder / "data" / record), lead.lower())
    text = "".join(marks.symbol)
    found = []
    for at, symbol in enumerate(text):
        if symbol in KINDS:
            onset = marks.sample[at - 1] if at and text[at - 1] == "(" else None
            offset = marks.sample[at + 1] if at + 1 < len(text) and text[at + 1] == ")" else None
            found.append((symbol, onset, marks.sample[at], offset))
    return found


@pytest.mark.parametrize("number", ["1", "7", "8", "104", "111", "116", "199"])
def test_real_waves_are_those_of_the_annotators(real, number):
    record = real.read(number)
    raw = wfdb.rdrecord(str(real.path / "data" / number), physical=False)
    assert np.allclose(record.signals, ((raw.d_signal - raw.baseline) / np.array(raw.adc_gain)).T, atol=1e-4)
    for lead, name in enumerate(LEADS):
        marked = independent(real.path, number, name)
        whole = [(KINDS[kind], *times) for kind, *times in marked if None not in times]
        waves = record.waves.on_lead(lead)
        ours = np.column_stack([waves.kind, *(np.rint(t * 500) for t in (waves.onset, waves.peak, waves.offset))])
        assert ours.astype(int).tolist() == [[int(one) for one in row] for row in whole], name
        # The peak of a wave that lacks a mark is in no stretch that counts as annotated.
        for kind, *times in marked:
            inside = any(a <= times[1] / 500 <= b for a, b in spans(record, lead))
            assert inside == (None not in times), (name, kind, times)


@pytest.mark.parametrize(("number", "lead"), [("7", "V1"), ("104", "II"), ("8", "V5")])
def test_real_stretches_around_incomplete_waves_are_unknown(real, number, lead):
    record = real.read(number)
    marks = wfdb.rdann(str(real.path / "data" / number), lead.lower())
    text, at, lonely = "".join(marks.symbol), 0, []
    while at < len(text):
        whole = text[at : at + 3] in ("(p)", "(N)", "(t)")
        lonely += [] if whole else [marks.sample[at]]
        at += 3 if whole else 1
    assert lonely, "the case that this test is for"
    known = wave_track(record.waves, record.annotated, 12, 5000, 500)[LEADS.index(lead)] >= 0
    assert not known[lonely].any()
    edges = np.flatnonzero(np.diff(known.astype(int)))
    starts = {round(t * 500) for t in record.waves.on_lead(LEADS.index(lead)).onset}
    assert {int(edge) + 1 for edge in edges if known[edge + 1]} <= starts


def test_real_spans_run_from_the_first_mark_to_the_last(real):
    record = real.read("1")
    for lead, name in enumerate(LEADS):
        samples = wfdb.rdann(str(real.path / "data" / "1"), name.lower()).sample
        assert spans(record, lead) == [(samples[0] / 500, samples[-1] / 500)]


def test_real_diagnoses(real):
    with (real.path / "ludb.csv").open(newline="", encoding="utf-8") as file:
        rows = {row[0].strip(): " ".join(" ".join(row[3:]).split()) for row in csv.reader(file)}
    for number in ("1", "7", "104"):
        found = real.read(number).diagnoses
        assert found
        assert set(found.values()) == {100.0}
        assert all(" ".join(statement.split()) in rows[number] for statement in found)
        assert sum(len("".join(one.split())) for one in found) == len("".join(rows[number].split()))


def test_real_statements_have_a_rhythm_and_superclasses(real):
    for number, rhythms, classes in (
        ("1", [Rhythm.SBRAD], {Diagnosis.HYP, Diagnosis.STTC}),
        ("4", [Rhythm.SR], {Diagnosis.CD, Diagnosis.HYP, Diagnosis.STTC, Diagnosis.MI}),
        ("8", [], set()),  # atrial fibrillation, and paced
        ("34", [], {Diagnosis.CD}),
    ):
        record = real.read(number)
        assert record.rhythms.kind.tolist() == rhythms
        assert superclasses(record.diagnoses) == classes


def test_the_real_listing_has_no_test_patients(real):
    found = real.listing()
    assert len(found) == 160
    assert all(info.split is None and int(info.id) % 5 for info in found)
