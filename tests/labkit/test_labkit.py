import pkgutil
import re
import subprocess
import sys

import labkit

HEAVY = ["tensorflow", "keras", "sklearn", "matplotlib", "ipywidgets", "scipy", "grader"]
# What makes the weights that ship, and a layer, which is a class of Keras's.
BEGIN_WITH_KERAS = re.compile(r"labkit\.models\.(pretraining\b|evaluate|preprocessing)")


def test_importing_what_a_lab_needs_at_its_start_loads_nothing_heavy():
    modules = [name for _, name, _ in pkgutil.walk_packages(labkit.__path__, "labkit.")]
    light = [name for name in modules if not BEGIN_WITH_KERAS.match(name)]
    assert {"labkit.training", "labkit.models", "labkit.explore.moved", "labkit.data.by_name"} < set(light)
    code = f"import sys, {', '.join(light)}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
