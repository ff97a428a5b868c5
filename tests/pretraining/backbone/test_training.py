import numpy as np
import pytest

from labkit.models import vgg16
from labkit.models.preprocessing import preprocess
from pretraining.backbone import things, training

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

WIDTH, SIZE = 1 / 16, 32


@pytest.fixture(scope="module")
def drawn():
    return things.draw(64, size=SIZE)


@pytest.fixture
def model(drawn):
    """A network whose normalisations have seen some pictures, so that folding has something to fold."""
    import keras

    keras.utils.set_random_seed(0)
    model = training.network(WIDTH)
    for _ in range(20):
        model(drawn.images, training=True)
    return model


def test_the_folded_network_computes_the_same_features_and_is_a_plain_vgg16(model, drawn):
    import keras

    averaged = keras.Model(model.inputs, model.get_layer("averaged5").output)
    plain = vgg16(WIDTH, (SIZE, SIZE, 3))
    weights = training.folded(model)
    plain.set_weights([weights[weight.path] for weight in plain.weights])
    features = plain.predict(preprocess(drawn.images), verbose=0).mean((1, 2))
    np.testing.assert_allclose(features, averaged.predict(drawn.images, verbose=0), rtol=1e-4, atol=1e-5)


def test_the_folded_kernels_have_one_scale(model):
    kernels = [values for name, values in training.folded(model).items() if name.endswith("kernel")]
    scales = [kernel.std() / np.sqrt(2 / np.prod(kernel.shape[:3])) for kernel in kernels]
    np.testing.assert_allclose(scales, scales[0], rtol=1e-3)


def test_the_loss_is_the_weighted_sum_on_paper_and_skips_what_is_missing():
    n_choices, n_amounts = len(things.CHOICES), len(things.AMOUNTS)
    answers = np.zeros((1, n_choices + n_amounts), "float32")
    answers[0, -1] = np.nan
    answers[0, -2] = 3
    outputs = np.zeros((1, sum(things.CHOICES.values()) + n_amounts), "float32")
    choices = sum(weight * np.log(things.CHOICES[name]) for name, weight in training.CHOICE_WEIGHTS.items())
    expected = choices + 9 * training.AMOUNT_WEIGHTS[-2]
    assert float(training.loss(answers, outputs)[0]) == pytest.approx(expected, rel=1e-5)


def test_batches_show_each_picture_once_an_epoch_turned_or_mirrored(drawn):
    answers = np.arange(64, dtype="float32")[:, None]
    batches = training.Batches(drawn, answers, batch=16, seed=0)
    shown = [batches[index] for index in range(len(batches))]
    rows = np.concatenate([batch_answers[-1][:, 0] for _, batch_answers in shown]).astype(int)
    images = np.concatenate([batch_images for batch_images, _ in shown])
    assert sorted(rows) == list(range(64))
    np.testing.assert_array_equal(images.mean((1, 2)), drawn.images[rows].mean((1, 2)))
    assert (images != drawn.images[rows]).any()


def test_the_rate_climbs_to_its_peak_and_falls_to_nothing():
    rate = training.Cosine(2.0, steps=100, warm_up=10)
    assert [float(rate(step)) for step in (0, 5, 10, 55, 100)] == pytest.approx([0, 1, 2, 1, 0], abs=1e-6)


def test_training_learns_on_a_few_pictures_and_keeps_the_weights(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(training, "PART", 128)
    monkeypatch.setattr(training, "WARM_UP", 4)
    training.pretrain(256, ((32, 2),), tmp_path / "weights.npz", width=WIDTH)
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.split()[-1]) for line in lines if " s  loss " in line]
    assert len(losses) == 2
    assert losses[1] < losses[0]
    with np.load(tmp_path / "weights.npz") as file:
        assert len(file.files) == 26
