"""Makes the weights of the course's backbone: `python -m pretraining.backbone`."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Read the settings and train. The imports wait: each process that draws pictures would load Keras, too."""
    from labkit.models.backbone import WEIGHTS
    from pretraining.backbone.training import IMAGES, PHASES, pretrain

    parser = argparse.ArgumentParser(prog="python -m pretraining.backbone", description=__doc__)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--path", type=Path, default=WEIGHTS)
    settings = parser.parse_args()
    pretrain(settings.images, PHASES, settings.path)


if __name__ == "__main__":
    main()
