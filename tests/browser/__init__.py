"""A learner's hour in a real browser: JupyterLab as `make lab` starts it, driven through Chromium."""
