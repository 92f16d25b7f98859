"""Options of training that small networks may profit from: each does what it says, and resuming stays exact."""

import numpy as np
import pytest

from heartkit.errors import ConfigError, ModelError
from heartkit.frames.mixing import mixed
from heartkit.models.backend import keras, tf
from heartkit.models.files import load_model
from heartkit.modes.data import TaskData
from heartkit.modes.distil import Teacher
from heartkit.modes.fitting import averaged
from heartkit.modes.train import train
from heartkit.objectives.contrast import Contrast
from heartkit.objectives.losses import squared_error
from tiny_runs import FRAME, assert_same, interrupted_at, weights

ALL = {"ema_decay": 0.9, "mixup": 0.2, "clip_norm": 1.0, "warmup_steps": 10, "focal_gamma": 1.0}


def test_all_options_together_train_and_resume_exactly(make_params, task, tmp_path):
    short = ALL | {"epochs": 3, "steps_per_epoch": 6}
    whole = train(make_params("train", tmp_path / "whole", **short), task)
    assert whole.history[0]["learning_rate"] < 0.006  # still warming up after six steps of ten
    params = make_params("train", tmp_path / "parts", **short)
    with interrupted_at(10):
        train(params, task)
    train(make_params("train", tmp_path / "parts", resume=True, **short), task)
    assert_same(tmp_path / "parts", tmp_path / "whole")


def test_the_average_is_that_of_the_steps_and_leaves_the_weights_alone():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=None)
    model.compile(optimizer, "mse")
    frames, answers = np.ones((4, 1), np.float32), np.full((4, 1), 3.0, np.float32)
    seen = []
    for _ in range(5):
        model.train_on_batch(frames, answers)
        seen.append(float(model.get_weights()[0][0, 0]))
    expected = seen[0]
    for weight in seen[1:]:
        expected = 0.5 * expected + 0.5 * weight
    with averaged(model):
        assert float(model.get_weights()[0][0, 0]) == pytest.approx(expected, rel=1e-6)
    assert float(model.get_weights()[0][0, 0]) == seen[-1]


def test_without_an_average_nothing_is_exchanged():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()
    with averaged(model):
        assert all(map(np.array_equal, before, model.get_weights()))


def test_gradients_are_clipped_over_all_weights_together(make_params, task, tmp_path, monkeypatch):
    norms = []
    adam = keras.optimizers.Adam.apply

    def spy(self, gradients, variables=None):
        norms.append(self.global_clipnorm)
        return adam(self, gradients, variables)

    monkeypatch.setattr(keras.optimizers.Adam, "apply", spy)
    train(make_params("train", tmp_path / "job", epochs=1, steps_per_epoch=1, clip_norm=0.5), task)
    assert set(norms) == {0.5}


def test_mixed_frames_and_answers_are_the_same_means():
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(40, 8, 1)).astype(np.float32)
    # The answer is a linear function of the frame: so is a mean of two of them.
    answers = frames[:, :, 0] @ rng.normal(size=(8, 3)).astype(np.float32)
    plain = lambda frames, answers, rng: (frames, answers)  # noqa: E731
    mix = mixed(plain, 0.4, lambda answers: answers)
    inputs, mixed_answers = mix(frames, answers, np.random.default_rng(1))
    again, _ = mix(frames, answers, np.random.default_rng(1))
    np.testing.assert_array_equal(inputs, again)
    assert not np.allclose(inputs, frames)
    expected = inputs[:, :, 0] @ np.linalg.lstsq(frames[:, :, 0], answers, rcond=None)[0]
    np.testing.assert_allclose(mixed_answers, expected, atol=1e-4)


def test_the_larger_share_of_a_mixed_frame_is_its_own():
    frames = np.eye(40, dtype=np.float32)[:, :, None]  # so that samples are shares
    mix = mixed(lambda frames, answers, rng: (frames, answers), 0.4, lambda answers: answers)
    shares = mix(frames, frames, np.random.default_rng(2))[0][:, :, 0]
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert (np.count_nonzero(shares, axis=1) <= 2).all()
    assert (np.diag(shares) >= 0.5).all()
    assert (np.diag(shares) < 0.99).any()


def test_answers_that_cannot_be_mixed_or_imitated_say_so(make_params):
    with pytest.raises(ConfigError, match="mixup has no meaning for answers of the kind 'contrast'"):
        Contrast().soft(np.zeros(3, np.int64), 4)
    with pytest.raises(ConfigError, match="teacher has no meaning"):
        Contrast().imitate(2.0)


@pytest.fixture
def teacher(make_params, task, trained):
    """A trained model as a teacher, and the parameters that name it."""
    params = make_params("train", teacher=str(trained.model_file), teacher_weight=0.25, teacher_temperature=2.0)
    return params, Teacher(params, task, (FRAME, 1))


def test_the_loss_is_the_weighted_mean_of_both(teacher, task, trained):
    params, made = teacher
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(6, FRAME, 1)).astype(np.float32)
    labels = rng.integers(-1, 4, (6, FRAME)).astype(np.int8)
    logits = rng.normal(size=(6, FRAME, 4)).astype(np.float32)
    [(same, packed)] = made.beside(tf.data.Dataset.from_tensors((frames, labels)))
    np.testing.assert_array_equal(same, frames)
    wanted = load_model(trained.model_file)(frames, training=False)
    np.testing.assert_allclose(packed[..., 1:], wanted, atol=1e-5)
    own = task.objective.loss(params, labels)
    soft = lambda x: np.exp(x / 2) / np.exp(x / 2).sum(-1, keepdims=True)  # noqa: E731
    imitated = -4 * (soft(np.asarray(wanted)) * np.log(soft(logits))).sum(-1).mean()
    expected = 0.75 * float(own(labels, logits)) + 0.25 * imitated
    assert float(made.loss(own)(packed, logits)) == pytest.approx(expected, rel=1e-4)


def test_signals_of_one_channel_travel_beside_a_teachers_signal():
    made = Teacher.__new__(Teacher)
    made._weight, made._imitate = 0.5, squared_error
    made._model = keras.Sequential([keras.Input((8, 1)), keras.layers.Rescaling(2.0)])
    frames = np.random.default_rng(0).normal(size=(3, 8, 1)).astype(np.float32)
    [(_, packed)] = made.beside(tf.data.Dataset.from_tensors((frames, frames)))
    loss = float(made.loss(squared_error)(packed, np.zeros_like(frames)))
    assert loss == pytest.approx(0.5 * (frames**2).mean() + 0.5 * (4 * frames**2).mean(), rel=1e-5)


def test_a_student_comes_to_answer_as_its_teacher_does(make_params, task, tmp_path, trained):
    """With nothing but the teacher's answers to learn from."""
    options = {
        "teacher": str(trained.model_file), "teacher_weight": 1.0, "class_map": {"0": 3, "1": 2, "2": 1, "3": 0},
        "epochs": 1, "steps_per_epoch": 60,
    }  # fmt: skip
    student = train(make_params("train", tmp_path / "student", **options), task)
    data = TaskData(make_params("train"), task, 3)
    frames = data.frames("test", 20, None, None).frames
    # The last model, as labels are turned round here and say nothing of which is the best.
    last = student.job_dir / "last.keras"
    first, second = (load_model(path).predict(frames, verbose=0).argmax(-1) for path in (trained.model_file, last))
    turned = np.mean(first == 3 - second)
    assert (first == second).mean() > max(0.6, turned + 0.4)
    assert len(weights(last)) == len(weights(trained.model_file))  # the teacher is not part of it


def test_a_teacher_for_other_frames_is_an_error(make_params, task, trained):
    params = make_params("train", teacher=str(trained.model_file), frame_size=2 * FRAME)
    with pytest.raises(ModelError, match=r"teacher .* takes frames of \(time, channels\) = \(64, 1\).*\(128, 1\)"):
        Teacher(params, task, (2 * FRAME, 1))
    params = make_params("train", teacher="nowhere.keras")
    with pytest.raises(ModelError, match=r"nowhere\.keras' is not there"):
        Teacher(params, task, (FRAME, 1))
