import pkgutil
import subprocess
import sys

import labkit

HEAVY = ["tensorflow", "keras", "sklearn", "matplotlib", "ipywidgets", "scipy", "grader"]
# A layer is a class of Keras's.
BEGINS_WITH_KERAS = "labkit.models.preprocessing"


def test_importing_what_a_lab_needs_at_its_start_loads_nothing_heavy():
    modules = [name for _, name, _ in pkgutil.walk_packages(labkit.__path__, "labkit.")]
    light = [name for name in modules if name != BEGINS_WITH_KERAS]
    assert {"labkit.training", "labkit.models", "labkit.vision.movement_explorer", "labkit.data.named"} < set(light)
    code = f"import sys, {', '.join(light)}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
