"""`make prove`: every unit verified, its outputs compared, run on JAX and in a browser, its part of the class graded.

A unit whose inputs are those of its last proof is not proved again. What was proved is kept in `proofs.json`.
"""
