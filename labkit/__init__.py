"""What the labs import: data sets, activations, losses, figures, explorers and training helpers.

Importing this package loads nothing heavy: TensorFlow, scikit-learn, matplotlib and ipywidgets are imported by the
functions that need them.
"""
