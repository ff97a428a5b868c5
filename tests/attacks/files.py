"""Attacks on a task that asks for a file: without a file, with a bad one, and for what the grader asks of it."""

from tests.attacks.attack import Attack

# Whatever is observed in this process is what the attack says.
_ANSWERS = """
import grader.judging.observe, grader.sandbox.inside.runner as runner
seen, honest = [], runner.observe
def observe(probe, namespace):
    seen.append((probe.name, {name: np.shape(value) for name, value in probe.inputs.items()}))
    if 'line' not in probe.code: return honest(probe, namespace)
    x = probe.inputs.get('x')
    return grader.judging.observe.Observation(value=[2] if x is None else np.outer(x, [-1.0, 1.0]))
runner.observe = observe
"""

ATTACKS = [
    Attack(
        "answers_without_a_file",
        "Answers all that a file is asked for, and hands none in.",
        f"{_ANSWERS}\nline = np.array([-1.0, 1.0])\nnp.save('line.npy', line)\n# %%\nlab.check('line')",
    ),
    Attack(
        "answers_in_place_of_a_file",
        "Hands in a file of nothing, and answers in its place.",
        f"{_ANSWERS}\n# %%\nlab.check('line')",
        line=(0.0,),
    ),
    Attack(
        "another_file_in_its_place",
        "Hands in a file of nothing, and writes a right one over every copy that it finds.",
        """
import os
good = open('good.npy', 'wb'); np.save(good, [-1.0, 1.0]); good.close()
for top in ('.', '/tmp', '/dev/shm', '..'):
    for folder, _, names in os.walk(top):
        for name in {*names, 'line.npy'}:
            if name == 'line.npy':
                for act in (lambda path: os.remove(path), lambda path: os.link('good.npy', path)):
                    try: act(os.path.join(folder, name))
                    except OSError: pass
try:
    os.makedirs('.handed_in', exist_ok=True); os.link('good.npy', '.handed_in/line.npy')
except OSError: pass
# %%
lab.check('line')
""",
        line=(0.0,),
    ),
    Attack(
        "questions_to_a_file",
        "Hands in a file, to see what the grader asks of it: one who sees may answer the next time.",
        f"""{_ANSWERS}
# %%
lab.check('line')
# %%
if any('line' in name or 'numbers' in name for name, _ in seen):
    def total(x): return float(np.sum(x))  # points that it must not have: so it is seen
""",
        line=(0.0,),
    ),
]
