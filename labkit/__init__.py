"""What the labs import: data sets, activations, losses, figures, explorers and training helpers.

Importing this package loads nothing heavy: TensorFlow, scikit-learn, matplotlib and ipywidgets are imported by the
functions that need them.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's remarks about a missing GPU would fill a lab's cells
