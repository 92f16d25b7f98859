"""Quantisation-aware training, from a configuration to the flatbuffer."""

import csv
import json
from contextlib import contextmanager

import pytest

from heartkit.artifact.inspect import inspect
from heartkit.errors import ModelError
from heartkit.models.fake_quant import ranges
from heartkit.models.files import load_model
from heartkit.modes import fitting
from heartkit.modes.check import check
from heartkit.modes.evaluate import evaluate
from heartkit.modes.export import export
from heartkit.modes.train import train
from tiny_runs import VALUES, equal, history, synthetic, weights

QAT = {"enabled": True, "qat": True, "conversion": "CONCRETE"}


@pytest.fixture(scope="module")
def tuned(trained, cache, tmp_path_factory):
    """A fine-tune of the trained network."""
    from heartkit.tasks.segmentation import TASK
    from tiny_runs import params_of

    folder = tmp_path_factory.mktemp("tuned")
    given = {"weights_file": str(trained.model_file), "quantization": QAT, "epochs": 3, "lr_rate": 0.001}
    return train(params_of("train", folder, cache, **given), TASK)


@contextmanager
def interrupted_at(step, rounded=True):
    """Press Ctrl-C when `step` steps are done with a network that rounds, or one that does not."""
    done = []
    with pytest.MonkeyPatch.context() as patch:

        def press(self, batch, logs=None):
            nonlocal done
            done += [batch] * (bool(ranges(self.model)) is rounded)
            if len(done) == step:
                raise KeyboardInterrupt

        patch.setattr(fitting.StepProgress, "on_train_batch_end", press)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_it_starts_where_the_float_network_ended(tuned, trained):
    best = trained.history[trained.best_epoch - 1]
    assert tuned.history[0]["val_loss"] < best["val_loss"] * 1.1
    network = load_model(tuned.model_file)
    assert {"frame_range", "encoder_range", "head_range"} <= {layer.name for layer in ranges(network)}
    assert not any("batch_normalization" in layer.name or layer.name.endswith("_norm") for layer in network.layers)


def test_an_interrupted_fine_tune_ends_as_an_uninterrupted_one(tuned, trained, make_params, task):
    given = {"weights_file": str(trained.model_file), "quantization": QAT, "epochs": 3, "lr_rate": 0.001}
    params = make_params("train", **given)
    with interrupted_at(20):
        train(params, task)
    assert history(params.job_dir) == tuned.history[:1]
    result = train(make_params("train", resume=True, **given), task)
    assert result.history == tuned.history
    assert equal(weights(params.job_dir / "last.keras"), weights(tuned.job_dir / "last.keras"))
    assert equal(weights(result.model_file), weights(tuned.model_file))


@pytest.mark.slow
def test_without_weights_the_float_network_is_trained_first_and_both_resume(make_params, task):
    short = {"quantization": QAT, "epochs": 4, "steps_per_epoch": 4, "seed": None}
    with interrupted_at(6, rounded=False):
        train(make_params("train", **short), task)
    with interrupted_at(2):
        train(make_params("train", resume=True, **short), task)
    params = make_params("train", resume=True, **short)
    result = train(params, task)
    first = params.job_dir / "float"
    assert len(history(first)) > 1
    assert len(result.history) == 1  # a quarter of the float network's
    used = [json.loads((folder / "train.config.json").read_text()) for folder in (params.job_dir, first)]
    assert used[0]["weights_file"] == str(first / "model.keras")
    assert used[0]["lr_rate"] == pytest.approx(used[1]["lr_rate"] / 10)
    assert used[0]["seed"] == used[1]["seed"]
    assert [one["quantization"]["qat"] for one in used] == [True, False]
    assert not ranges(load_model(first / "model.keras"))


def test_it_is_exported_with_its_ranges_and_scored_as_it_was_trained(tuned, make_params, task):
    pytest.importorskip("tflite_micro")
    params = make_params("export", model_file=str(tuned.model_file), quantization=QAT | {"debug": True})
    report = export(params, task)
    assert list(report["scores"]) == ["fake-quantised model", "LiteRT", "TFLite-Micro"]
    assert report["scores"]["TFLite-Micro"]["f1"] == pytest.approx(
        report["scores"]["fake-quantised model"]["f1"], abs=0.01
    )
    found, network = inspect((params.job_dir / "model.tflite").read_bytes()), load_model(tuned.model_file)
    frame, head = ranges(network)[0], ranges(network)[-1]
    assert found.input.scale == pytest.approx(float(frame.high - frame.low) / 255, rel=1e-6)
    assert found.output.scale == pytest.approx(float(head.high - head.low) / 255, rel=1e-6)
    with (params.job_dir / "layers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["operator"] for row in rows] == found.operator_names
    assert all(0 <= float(row["own"]) <= float(row["largest"]) for row in rows)


@pytest.mark.slow
def test_it_is_evaluated_like_any_other(tuned, make_params, task):
    metrics = evaluate(make_params("evaluate", model_file=str(tuned.model_file), split="val"), task)
    assert metrics["frames"]["macro_f1"]["value"] == pytest.approx(
        tuned.history[tuned.best_epoch - 1]["val_f1"], abs=0.1
    )


def test_a_float_network_is_needed_and_check_names_what_cannot_be_rounded(tuned, trained, make_params, task):
    with pytest.raises(ModelError, match="do not fit"):
        train(make_params("train", quantization=QAT, weights_file=str(tuned.model_file)), task)
    network = {"name": "tcn", "params": {"blocks": [{"filters": 8, "activation": "elu", "norm": "batch"}]}}
    values = VALUES | {"datasets": [synthetic()], "architecture": network, "quantization": QAT}
    found = check({key: value for key, value in values.items() if key != "display_report"}, "segmentation")
    assert any(
        "elu" in problem and "cannot be quantised while training" in problem for problem in map(str, found.problems)
    )
