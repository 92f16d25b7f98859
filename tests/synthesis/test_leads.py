"""The lead geometry."""

import numpy as np

from heartkit.synthesis.leads import DOWER, LEADS, all_rows, direction, twelve_leads


def test_einthoven_and_goldberger_hold_to_the_last_bit() -> None:
    measured = np.random.default_rng(0).normal(size=(3, 8, 500)).astype(np.float32) * 3
    i, ii, iii, avr, avl, avf = np.moveaxis(twelve_leads(measured)[:, :6], 1, 0)
    np.testing.assert_array_equal(i + iii, ii)
    np.testing.assert_array_equal(avr, -(i + ii) / 2)
    np.testing.assert_array_equal(avl, (i - iii) / 2)
    np.testing.assert_array_equal(avf, (ii + iii) / 2)
    np.testing.assert_allclose(i, measured[:, 0], atol=2**-13)


def test_rows_agree_with_signals() -> None:
    dipole = np.random.default_rng(1).normal(size=(3, 50))
    signals = twelve_leads((DOWER @ dipole).astype(np.float32))
    np.testing.assert_allclose(all_rows(DOWER) @ dipole, signals, atol=3e-4)


def test_directions_are_those_of_the_hexaxial_system() -> None:
    np.testing.assert_allclose(direction(np.array([0.0, 90.0]), np.zeros(2)), [[1, 0, 0], [0, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(direction(np.array(10.0), np.array(90.0)), [0, 0, 1], atol=1e-12)
    to_the_feet = dict(zip(LEADS, all_rows(DOWER) @ [0, 1, 0], strict=True))
    assert max(to_the_feet, key=to_the_feet.__getitem__) in ("II", "III", "aVF")
    to_the_front = dict(zip(LEADS, all_rows(DOWER) @ [0, 0, -1], strict=True))
    assert max(to_the_front, key=to_the_front.__getitem__) in ("V2", "V3")
