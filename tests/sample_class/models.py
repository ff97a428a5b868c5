"""Makes the two models that learners of the sample class hand in: `python tests/sample_class/models.py`.

A minute on two cores. Run it after the fruit set has changed; the files are kept, since no training gives the same
bytes twice.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
EPOCHS = 15
sys.path.insert(0, str(HERE.parents[1]))


def small_network(path: Path) -> None:
    """A network from scratch, trained on the few images without augmentation: short of the mark."""
    import keras

    from labkit import data

    keras.utils.set_random_seed(26)
    fruits = data.fruits(per_class=100)
    layers = [keras.Input((64, 64, 3)), keras.layers.Rescaling(1 / 255)]
    for filters in (12, 16, 24, 32):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    network = keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(6)])
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    network.fit(fruits.x_train, fruits.y_train, batch_size=32, epochs=EPOCHS, verbose=0)
    inference = keras.Sequential([keras.Input((64, 64, 3)), *network.layers])  # without its optimiser
    inference.save(path)
    right = (inference.predict(fruits.x_test, verbose=0).argmax(axis=-1) == fruits.y_test).mean()
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {right:.1%} of the test images right")


if __name__ == "__main__":
    from tests.attacks.poison import POISON

    (HERE / "with_a_lambda.keras").write_bytes(POISON["code_in_a_lambda"]())
    small_network(HERE / "small_network.keras")
