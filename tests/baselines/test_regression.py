import numpy as np

from heartkit.baselines.regression import softmax_regression


def test_classes_are_told_apart_where_they_are_bands():
    """The middle band lies between the others, which no straight line through it could tell."""
    rng = np.random.default_rng(0)
    features = rng.uniform(-3, 3, (4000, 3)).astype(np.float32)
    classes = np.where(np.abs(features[:, 0]) < 1, 2, 0)
    predict = softmax_regression(features[:2000], classes[:2000], 4)
    probabilities = predict(features[2000:])
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert (probabilities[:, [1, 3]] == 0).all()
    assert (probabilities.argmax(1) == classes[2000:]).mean() > 0.95
    assert predict(features[:0]).shape == (0, 4)


def test_one_class_alone_is_nothing_to_fit():
    assert softmax_regression(np.zeros((5, 3), np.float32), np.ones(5, np.int8), 3) is None
