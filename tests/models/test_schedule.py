"""The learning rate over a training, against its closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.models.backend import keras
from heartkit.models.schedule import CosineCycles


def closed_form(step, lr_rate, steps, cycles, decay):
    length = steps / cycles
    cycle = min(int(step / length), cycles - 1)
    share = min(step / length - cycle, 1)
    return lr_rate * decay**cycle * (1 + np.cos(np.pi * share)) / 2


@settings(max_examples=40)
@given(
    st.floats(1e-5, 10), st.integers(1, 5), st.integers(1, 200), st.floats(0.1, 1), st.integers(0, 1200)
)  # fmt: skip
def test_each_step_is_that_of_the_formula(lr_rate, cycles, length, decay, step):
    steps = cycles * length  # so that no step is both the end of one cycle and the start of the next
    rate = float(CosineCycles(lr_rate, steps, cycles, decay)(step))
    expected = closed_form(step, lr_rate, steps, cycles, decay)
    if step % length == 0 and 0 < step < steps:
        assert rate == pytest.approx(expected, rel=1e-4) or rate == pytest.approx(0, abs=1e-4 * lr_rate)
    else:
        assert rate == pytest.approx(expected, rel=1e-3, abs=1e-4 * lr_rate)


def test_cycles_start_lower_by_the_decay_and_fall_to_nothing():
    schedule = CosineCycles(0.01, 400, 4, 0.5)
    rates = np.array([float(schedule(step)) for step in range(401)])
    np.testing.assert_allclose(rates[::100][:4], [0.01, 0.005, 0.0025, 0.00125], rtol=1e-5)
    for cycle in range(4):
        within = rates[100 * cycle : 100 * cycle + 100]
        assert (np.diff(within) < 0).all()
        assert within[50] == pytest.approx(within[0] / 2, rel=1e-4)
    assert rates[400] == pytest.approx(0, abs=1e-8)


def test_keras_keeps_it_and_an_optimizer_follows_it():
    schedule = CosineCycles(0.1, 10, 1, 1.0)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert again.get_config() == schedule.get_config() == {
        "lr_rate": 0.1, "steps": 10, "cycles": 1, "decay": 1.0, "warmup": 0,
    }  # fmt: skip
    optimizer = keras.optimizers.SGD(schedule)
    weight = keras.Variable(0.0)
    optimizer.build([weight])
    for _ in range(10):
        optimizer.apply([keras.ops.ones(())], [weight])
    assert float(weight.value) == pytest.approx(-sum(closed_form(s, 0.1, 10, 1, 1.0) for s in range(10)), rel=1e-5)


def test_warming_up_multiplies_by_an_even_rise():
    plain, warm = CosineCycles(0.01, 400, 2, 0.5), CosineCycles(0.01, 400, 2, 0.5, warmup=50)
    for step in (0, 10, 48):
        assert float(warm(step)) == pytest.approx(float(plain(step)) * (step + 1) / 50, rel=1e-5)
    for step in (49, 60, 300):
        assert float(warm(step)) == float(plain(step))
    assert CosineCycles(**warm.get_config()).warmup == 50
