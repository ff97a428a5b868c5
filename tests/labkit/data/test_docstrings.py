import pytest

from labkit.data import docstrings

MODULE = '''
"""The module's own line is left out."""


def invert(matrix):
    """
    Return the *inverse* of ``matrix`` by :meth:`~made.up.solve`. It must be square.

    Parameters
    ----------
    """


def _hidden(x):
    """This function is nobody's business at all."""


def short():
    """Too short."""


def signed(x, y=None):
    """signed(x, y=None)

    Give the sign of every number.
    """


def named():
    """Return an array as NumPy would."""


class Line:
    """A line from one point to another"""

    def draw(self):
        """Draw the line with the renderer."""

    def broken(self):
        """Match a digit, \\d, of the text"""


raise RuntimeError("never imported")
'''


@pytest.fixture
def library(tmp_path, monkeypatch):
    root = tmp_path / "madeup"
    (root / "tests").mkdir(parents=True)
    (root / "__init__.py").write_text("raise RuntimeError('never imported')\n")
    (root / "core.py").write_text(MODULE)
    (root / "tests" / "test_core.py").write_text('def test():\n    """Test that all of it works."""\n')
    monkeypatch.syspath_prepend(tmp_path)
    return "madeup"


def test_the_first_sentences_of_public_things_are_read_without_importing_the_library(library):
    assert [line.text for line in docstrings.first_lines(library)] == [
        "Return the inverse of matrix by made.up.solve",
        "Give the sign of every number",
        "A line from one point to another",
        "Draw the line with the renderer",
    ]


def test_a_line_knows_its_library_and_its_module(library):
    assert {line[:2] for line in docstrings.first_lines(library)} == {("madeup", "core.py")}


def test_a_library_that_is_not_installed_is_named():
    with pytest.raises(ModuleNotFoundError, match="'no_such_library' is not installed"):
        list(docstrings.first_lines("no_such_library"))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Set the x-axis. Then more.", "Set the x-axis"),
        ("Compute\n    a mean.\n\n    Parameters", "Compute a mean"),
        ("Use `.Line2D` and ~made.Thing here", "Use Line2D and made.Thing here"),
        ("The :class:`thing <made.thing>` of it", "The thing of it"),
        ("", ""),
    ],
)
def test_markup_and_what_follows_the_first_sentence_are_taken_away(text, plain):
    assert docstrings.cleaned(text) == plain


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Return the mean of an array", True),
        ("Return the mean", False),
        ("Return the mean of a SciPy array", False),
        ("Résumé of all the results", False),
        ("This alias is deprecated since ever", False),
        ("2 is not the beginning of a sentence", False),
        ("word " * 26, False),
    ],
)
def test_a_sentence_is_plain_english_of_some_words_that_names_no_library(text, good):
    assert docstrings.is_sentence(text) is good
