"""Makes the weights of the course's backbone: `python -m labkit.models.pretraining`."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Read the settings and train. The imports wait: each process that draws pictures would load Keras, too."""
    from labkit.models.backbone import WEIGHTS
    from labkit.models.pretraining.training import EPOCHS, IMAGES, pretrain

    parser = argparse.ArgumentParser(prog="python -m labkit.models.pretraining", description=__doc__)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--path", type=Path, default=WEIGHTS)
    settings = parser.parse_args()
    pretrain(settings.images, settings.epochs, settings.path)


if __name__ == "__main__":
    main()
