"""An observation on one side, what is expected on the other, a verdict out. Pure, but for running a probe."""
