import ast

import pytest

from grader.notebooks.bound_names import bound_names, words_of


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("a = b, (c, *d) = e", {"a", "b", "c", "d"}),
        ("a: int = 1", {"a"}),
        ("import a.b, c.d as e", {"a", "e"}),
        ("from a import b as c, d", {"c", "d"}),
        ("from a import *", set()),
        ("def a(b=1):\n    c = 2\n    import d", {"a"}),
        ("class a:\n    b = 1", {"a"}),
        ("async def a(): b = 1", {"a"}),
        ("if a:\n    b = 1\n    def c(): d = 1\nelse:\n    import e", {"b", "c", "e"}),
        ("with a as b, c as (d, e): pass", {"b", "d", "e"}),
        ("for a in b: c = 1", {"a", "c"}),
        ("print(a := 1)", {"a"}),
        ("a.b = c[d] = 1", set()),
        ("[a for a in b]", set()),
        ("lambda a: (b := a)", set()),
        ("[c := a for a in b]", {"c"}),
        ("try: a()\nexcept E as e: pass", {"e"}),
        ('match a:\n    case [b, *c] | {"d": b, **e} | f: pass', {"b", "c", "e", "f"}),
    ],
)
def test_a_statement_binds_these_names_in_its_notebook(statement, names):
    assert bound_names(ast.parse(statement).body[0]) == names


def test_the_words_of_a_statement_are_its_names_and_its_short_texts():
    code = "def f(x, *, axis=0):\n    from os.path import join as j\n    return open('data.csv' + x.name, mode=g)\n"
    wanted = {"f", "x", "axis", "os", "path", "join", "j", "open", "data.csv", "name", "mode", "g"}
    assert set(words_of(ast.parse(code).body[0])) == wanted
    assert set(words_of(ast.parse(f"a = {'x' * 101!r}").body[0])) == {"a"}
