import pytest

from labkit.figures.matrix import Matrix

NAMED = {"one": ((1.0, 0.0), (0.0, 1.0)), "two": ((0.0, 2.0), (2.0, 0.0))}


@pytest.fixture
def control():
    return Matrix("Kernel", NAMED, "one")


@pytest.fixture
def editor(control):
    return control.widget()


def boxes(editor):
    return [box for row in editor.children[1:] for box in row.children]


def values_seen(editor):
    seen = []
    editor.observe(lambda change: seen.append(change["new"]), "value")
    return seen


def test_it_begins_with_the_named_matrix(control, editor):
    assert control.value == editor.value == NAMED["one"]
    assert [box.value for box in boxes(editor)] == [1, 0, 0, 1]


def test_choosing_a_name_fills_the_boxes_in_one_change(editor):
    seen = values_seen(editor)
    editor.children[0].value = "two"
    assert [box.value for box in boxes(editor)] == [0, 2, 2, 0]
    assert seen == [NAMED["two"]]


def test_typing_into_a_box_changes_the_matrix_and_leaves_no_name_chosen(editor):
    seen = values_seen(editor)
    boxes(editor)[1].value = 0.5
    assert seen == [((1.0, 0.5), (0.0, 1.0))]
    assert editor.children[0].value is None


def test_typing_a_named_matrix_chooses_its_name(editor):
    for box, value in zip(boxes(editor), (0, 2, 2, 0), strict=True):
        box.value = value
    assert editor.value == NAMED["two"]
    assert editor.children[0].value == "two"


def test_after_a_choice_typing_still_counts(editor):
    editor.children[0].value = "two"
    boxes(editor)[0].value = 7
    assert editor.value == ((7.0, 2.0), (2.0, 0.0))


def test_an_entry_stays_within_the_limit(editor):
    boxes(editor)[0].value = 100
    assert editor.value[0][0] == 9.0


def test_each_box_says_its_place(editor):
    assert boxes(editor)[2].tooltip == "Kernel, row 2, column 1"
