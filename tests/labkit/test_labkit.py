import subprocess
import sys


def test_importing_what_a_lab_needs_at_its_start_loads_nothing_heavy():
    code = (
        "import sys; from labkit import activations, backend, data, device, explore, figures, losses, metrics;"
        "from labkit import canvas, convolution;"
        "from labkit import chinese, language, reading, recurrent, rewording, sequences;"
        "from labkit import networks, optimisers, overfitting, roofline, search, speed, training, validation;"
        "from labkit import attention, next_word, transformers;"
        "heavy = ['tensorflow', 'keras', 'sklearn', 'matplotlib', 'ipywidgets', 'scipy', 'grader'];"
        "print([name for name in heavy if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
