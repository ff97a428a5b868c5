"""What tests of Keras's own sets share."""

import pytest


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder in which Keras looks for data sets, without a network.

    Keras reads KERAS_HOME when it is imported, so setting that is not enough.
    """
    import keras.src.datasets.cifar10
    import keras.src.datasets.imdb
    import keras.src.datasets.mnist  # noqa: F401

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", _unreachable)
    folder = tmp_path / "datasets"
    folder.mkdir()
    return folder


def _unreachable(*arguments, **settings):
    raise OSError("offline")
