"""What is left of a notebook where training is not to be repeated."""

import textwrap

from grader.notebooks.training_cells import without_training


def left(*cells: str) -> dict[int, str]:
    return without_training([textwrap.dedent(cell).strip() for cell in cells])


def test_a_cell_that_calls_fit_is_left_out_and_the_others_are_not():
    assert left("model = build()", "history = model.fit(x, y)", "model.summary()") == {1: ""}


def test_so_is_one_that_trains_through_a_function_of_the_notebook():
    cells = ("def step(): model.fit(x)", "def rounds():\n    for _ in range(3): step()", "rounds()")
    assert left(*cells) == {2: ""}


def test_what_only_training_made_takes_along_what_reads_it():
    assert left("h = m.fit(x)", "plot(h)", "best = max(h.history)", "print(best)", "print('done')").keys() == {
        0,
        1,
        2,
        3,
    }


def test_what_is_made_anew_is_there_again():
    assert left("m = b().fit(x)", "m = load('m.keras')", "m.predict(x)").keys() == {0}


def test_imports_definitions_constants_and_answers_remain():
    cell = """
    import keras as k
    EPOCHS, NAMES = 3, ["a", "b"]
    def split(labels): return labels
    lab.answer("quiz_1", "b")
    rate = k.rate()
    m = k.Model().fit(EPOCHS)
    """
    assert left(cell, "k.show(NAMES)", "split(rate)") == {
        0: "import keras as k\nEPOCHS, NAMES = (3, ['a', 'b'])\ndef split(labels):\n    return labels\n"
        "lab.answer('quiz_1', 'b')",
        2: "",
    }


def test_a_function_that_reads_what_training_made_is_defined_all_the_same():
    assert left("m = b().fit(x)", "def predict(x):\n    return m(x)") == {0: ""}


def test_a_cell_with_magics_is_read_and_one_that_is_no_python_is_left_alone():
    assert left("%%time\nm.fit(x)", "%time m.fit(x)", "m.fit(", "!pip fit") == {0: "", 1: ""}
