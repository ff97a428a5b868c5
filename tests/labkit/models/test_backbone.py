import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from labkit.models import backbone
from labkit.models.backbone import WEIGHTS

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype("uint8")


def test_the_weights_that_ship_are_under_3_mb_and_need_no_pickle():
    assert WEIGHTS.stat().st_size < 3e6
    with np.load(WEIGHTS, allow_pickle=False) as file:
        assert len(file.files) == 26
        assert sum(file[name].size for name in file.files) == 230_568
        assert all(np.isfinite(file[name]).all() for name in file.files)


def test_its_card_stands_beside_the_weights_and_says_where_they_come_from():
    card = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    for word in ("Data", "Training", "Accuracy", "Limits", "Licence", "python -m pretraining.backbone"):
        assert word in card


def test_a_wrong_name_is_refused_with_the_right_ones():
    with pytest.raises(ValueError, match=r"no backbone 'resnet': choose \"course\" or \"imagenet\""):
        backbone("resnet")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestWithKeras:
    @pytest.mark.timed
    def test_two_are_the_same_and_independent_and_load_within_a_second(self):
        import keras  # noqa: F401

        from labkit.models import preprocess

        first = backbone()
        began = time.perf_counter()
        second = backbone()
        assert time.perf_counter() - began < 1
        before = second.predict(preprocess(IMAGES), verbose=0)
        np.testing.assert_array_equal(first.predict(preprocess(IMAGES), verbose=0), before)
        first.set_weights([0 * weights for weights in first.get_weights()])
        np.testing.assert_array_equal(second.predict(preprocess(IMAGES), verbose=0), before)

    def test_its_features_are_of_the_size_that_a_new_head_can_learn_from(self):
        from labkit.models import preprocess

        maps = backbone().predict(preprocess(IMAGES), verbose=0)
        assert maps.shape == (2, 2, 2, 64)
        assert 0.05 < maps.std() < 20

    def test_it_takes_images_of_other_sizes(self):
        assert backbone(input_shape=(96, 160, 3)).output_shape == (None, 3, 5, 64)
        assert backbone(input_shape=(None, None, 3)).output_shape == (None, None, None, 64)

    def test_imagenet_is_keras_own_with_its_weights_and_without_its_top(self, monkeypatch):
        import keras

        asked = {}
        monkeypatch.setattr(keras.applications, "VGG16", lambda **settings: asked.update(settings) or "the model")
        assert backbone("imagenet", (96, 96, 3)) == "the model"
        assert asked == {"include_top": False, "weights": "imagenet", "input_shape": (96, 96, 3)}

    def test_without_the_internet_imagenet_says_in_one_sentence_what_to_do(self, tmp_path):
        code = (
            "from labkit.models import backbone\ntry: backbone('imagenet')\nexcept ConnectionError as e: print(repr(e))"
        )
        nowhere = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
        environment = {**os.environ, **nowhere, "KERAS_HOME": str(tmp_path)}
        root = Path(__file__).parents[3]
        command = [sys.executable, "-c", code]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=root).stdout
        assert "connect once and try again" in shown
        assert 'take backbone("course"), which needs no internet' in shown

    def test_an_error_that_is_not_the_connections_is_passed_on(self):
        with pytest.raises(ValueError, match="Input size must be at least 32x32"):
            backbone("imagenet", (16, 16, 3))
