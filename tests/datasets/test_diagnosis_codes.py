"""The tables of statements, against those of the publishers."""

import csv
import re
from pathlib import Path

import numpy as np

from heartkit.records import ludb_words
from heartkit.records.diagnosis_codes import (
    RHYTHM_OF,
    SCP_RHYTHMS,
    SCP_SUPERCLASSES,
    SNOMED,
    SUPERCLASS_OF,
    stated_rhythm,
    superclasses,
    whole_recording,
)  # fmt: skip
from heartkit.records.vocabulary import Diagnosis, Rhythm


def test_superclasses_of_statements() -> None:
    assert superclasses({"NORM": 100.0, "SR": 0.0}) == {Diagnosis.NORM}
    assert superclasses({"IMI": 35.0, "LVH": 100.0, "LVOLT": 0.0}) == {Diagnosis.MI, Diagnosis.HYP}
    assert superclasses({"IMI": 35.0, "LVH": 100.0}, at_least=50) == {Diagnosis.HYP}
    assert superclasses({"59118001": 100.0, "164934002": 100.0}) == {Diagnosis.CD, Diagnosis.STTC}
    assert superclasses({"SR": 0.0, "unheard of": 100.0}) == frozenset()


def test_a_rhythm_is_stated_only_if_it_is_the_only_one() -> None:
    assert stated_rhythm(["IMI", "AFLT"]) == Rhythm.AFLUT
    assert stated_rhythm(["SVTAC", "PSVT"]) == Rhythm.SVT, "two words for one rhythm"
    assert stated_rhythm(["AFLT", "AFIB"]) is None
    assert stated_rhythm(["426783006", "284470004"]) == Rhythm.SR, "extrasystoles are no rhythm"
    assert stated_rhythm([]) is None


def test_the_words_of_ludb() -> None:
    stated = ["Sinus rhythm", "Ischemia: lateral wall", "Ventricular extrasystole, type: couplet"]
    assert stated_rhythm(stated) == Rhythm.SR
    assert superclasses(dict.fromkeys(stated, 100.0)) == {Diagnosis.STTC}
    assert superclasses({"Stemi: septal": 100.0, "Right atrial overload": 100.0}) == {Diagnosis.MI, Diagnosis.HYP}
    assert superclasses({"Undefined ischemia/scar/supp.nstemi: apical": 100.0}) == frozenset(), "it may be either"
    assert stated_rhythm(["Sinus rhythm", "Unipolar ventricular pacing"]) is None
    assert stated_rhythm(["Irregular sinus rhythm", "Atrial extrasystole, type: bigemini"]) is None
    assert stated_rhythm(["Sinus rhythm", "Atrial extrasystole, type: quadrigemini"]) == Rhythm.SR


def test_a_rhythm_spans_the_whole_recording() -> None:
    spans = whole_recording(Rhythm.SR, 9.5)
    assert (spans.kind.tolist(), spans.start.tolist(), spans.stop.tolist()) == ([0], [0.0], [9.5])
    assert spans.kind.dtype == np.int16
    assert len(whole_recording(None, 9.5)) == 0


def test_codes_are_numbers_and_no_code_is_of_both_systems() -> None:
    assert all(code.isdecimal() for code in SNOMED)
    assert not set(SNOMED) & {one for statements in SCP_SUPERCLASSES.values() for one in statements}
    assert not set(SNOMED) & set(SCP_RHYTHMS)
    assert set(SCP_SUPERCLASSES) == set(Diagnosis)


def test_the_table_of_ptbxl(shared_data: Path) -> None:
    with (shared_data / "ptb-xl/1.0.3/scp_statements.csv").open(newline="") as file:
        rows = {row[""]: row for row in csv.DictReader(file)}
    published = {name: Diagnosis[row["diagnostic_class"]] for name, row in rows.items() if row["diagnostic_class"]}
    assert {name: one for name, one in SUPERCLASS_OF.items() if name in rows} == published
    assert set(SCP_RHYTHMS) == {name for name, row in rows.items() if row["rhythm"] == "1.0"}


def test_the_table_of_lsad(shared_data: Path) -> None:
    folder = shared_data / "ecg-arrhythmia/1.0.0"
    with (folder / "ConditionNames_SNOMED-CT.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["Snomed_CT"] for row in rows} <= set(SNOMED)
    names = {"SB", "SR", "AFIB", "ST", "AF", "SA", "SVT", "AT", "AVNRT", "AVRT", "SAAWR"}
    rhythms = {row["AcronymName"]: RHYTHM_OF[row["Snomed_CT"]] for row in rows if row["AcronymName"] in names}
    assert set(rhythms) == names, "all eleven rhythms of the database are known"
    assert [rhythms[name] for name in ("SB", "ST", "AF", "SA")] == [
        Rhythm.SBRAD, Rhythm.STACH, Rhythm.AFLUT, Rhythm.SARRH,
    ]  # fmt: skip
    lines = [re.findall(r"^# ?Dx: (\S+)$", file.read_text(), re.MULTILINE) for file in folder.rglob("*.hea")]
    assert all(lines)
    assert {code for (line,) in lines for code in line.split(",")} <= set(SNOMED)


def test_the_table_of_ludb(shared_data: Path) -> None:
    with (shared_data / "ludb/1.0.1/ludb.csv").open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    stated = {line.strip() for row in rows for cell in row[3:] for line in cell.splitlines() if line.strip()}
    classed = {one for words in ludb_words.SUPERCLASSES.values() for one in words}
    assert not classed & set(ludb_words.UNCLASSED)
    known = {*ludb_words.RHYTHMS, *classed, *ludb_words.UNCLASSED}
    assert {one if one in known else one.partition(":")[0] for one in stated} == known, "each decided, none made up"
    rhythms = {line.strip() for row in rows for line in row[3].splitlines() if line.strip()}
    assert rhythms - set(RHYTHM_OF) == {"Aberrant conduction"}
