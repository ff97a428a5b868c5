"""Messages: data until they are read, and a catalogue that holds every code that is said, and no other."""

import ast
import json
import pickle
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import grader
from grader.core.catalogue import CATALOGUE, answers, names, notebooks, runs, states, values
from grader.core.errors import ValuesError
from grader.core.messages import (
    MOST_MESSAGES,
    MOST_TEXT,
    Message,
    message,
    messages_from_json,
    messages_to_json,
    plain,
    refused,
    render,
)

PACKAGE = Path(grader.__file__).parent
SUBJECTS = (answers.ANSWERS, names.NAMES, notebooks.NOTEBOOKS, runs.RUNS, states.STATES, values.VALUES)


def said() -> list[tuple[str, str, frozenset[str]]]:
    """Each message that the code makes: where, its code, and the names of its arguments."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "message":
                where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                if where.startswith("core/messages.py") and not isinstance(node.args[0], ast.Constant):
                    continue  # what is read back
                assert [type(argument) for argument in node.args] == [ast.Constant], f"{where}: a code is written out"
                assert all(keyword.arg for keyword in node.keywords), f"{where}: arguments are written out"
                found.append((where, node.args[0].value, frozenset(keyword.arg for keyword in node.keywords)))
    return found


def placeholders(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def test_every_code_that_is_said_has_a_template_with_just_its_arguments():
    wrong = [
        (where, code)
        for where, code, arguments in said()
        if code not in CATALOGUE or placeholders(CATALOGUE[code]) != arguments
    ]
    assert wrong == []


def test_every_template_is_said_somewhere():
    assert CATALOGUE.keys() - {code for _, code, _ in said()} == set()


def test_no_code_is_in_two_tables():
    assert sum(map(len, SUBJECTS)) == len(CATALOGUE)


def test_only_the_catalogue_makes_messages_up():
    """`Message` itself takes any code: outside its module nobody calls it."""
    for path in PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        made = any(isinstance(call.func, ast.Name) and call.func.id == "Message" for call in calls)
        assert not made or path == PACKAGE / "core" / "messages.py"


def test_a_template_is_a_sentence_of_its_own():
    """Or a state's words, or a text of others."""
    for code, template in CATALOGUE.items():
        whole = template.endswith((".", "?", ")")) or template.endswith("}") or code.startswith("state.")
        assert whole and template == template.strip(), code


def test_numbers_sizes_and_lists_are_written_as_their_placeholders_ask():
    assert render(message("failed.more", count=5990)) == "So did 5,990 more."
    assert render(message("limit.file", size=2**20)) == "It wrote a file of more than 1 MiB."
    assert render(message("changed.too_much", names=("a", "b"))).startswith("`a`, `b` changed in place: ")
    assert render(message("scores.accuracy", reached=0.7334, needed=0.8)) == "73.3% are right; 80% are needed."


HOSTILE = ["{name}", "{0}", "{", "}}", "{text.__class__}", "{text!r:>99999}", "%s", "<b>", "{text:size}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_is_never_a_template(text):
    assert render(message("hint", text=text)) == text
    assert render(message("answer.unwritten", name=text)) == f"`{text}` still raises NotImplementedError."


@pytest.mark.parametrize(
    "made",
    [
        Message("from.later", {"name": "x"}),
        Message("answer.unwritten", {"other": "x"}),
        Message("limit.seconds", {"seconds": "x"}),
        Message("changed.too_much", {"names": 1}),
        Message("limit.file", {"size": "x"}),
    ],
)
def test_a_message_that_another_version_wrote_is_shown_as_it_is(made):
    assert render(made) == f"{made.code} " + " ".join(f"{name}={value}" for name, value in made.arguments.items())


arguments = st.text(max_size=20) | st.integers() | st.floats(allow_nan=False) | st.lists(st.text(max_size=5)).map(tuple)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(CATALOGUE)), st.dictionaries(st.text(), arguments, max_size=3)), max_size=3
    )
)
def test_messages_come_back_from_json_and_from_a_pickle(made):
    given_ = tuple(Message(code, values) for code, values in made)
    form = json.dumps(messages_to_json(given_))
    assert messages_from_json(json.loads(form)) == given_ == pickle.loads(pickle.dumps(given_))
    assert isinstance(render(given_), str)


@pytest.mark.parametrize(
    "form",
    ["text", None, {}, ["hint"], [["hint"]], [["hint", []]], [[1, {}]], [["hint", {"text": None}]],
     [["hint", {"text": [1]}]], [["hint", {}]] * 21, [["hint", {str(n): 1 for n in range(21)}]]],
)  # fmt: skip
def test_what_is_no_message_is_refused(form):
    with pytest.raises(ValuesError):
        messages_from_json(form)


def test_an_argument_is_bounded():
    assert len(render(message("hint", text="x" * 10**6))) == MOST_TEXT
    assert len(message("changed.too_much", names=("x",) * 1_000).arguments["names"]) == 100


def test_a_text_without_a_code_is_shown_as_it_is():
    assert (render(plain("Right {so}.")), plain("")) == ("Right {so}.", ())


def test_messages_that_say_the_same_are_one():
    assert len({message("hint", text="a"), message("hint", text="a"), message("hint", text="b")}) == 2


LONG = {
    "310 digits": 10**309,
    "below 0": -(10**309),
    "5,000 digits": 10**5_000,
    "inf": float("inf"),
    "nan": float("nan"),
}


@pytest.mark.parametrize("number", LONG.values(), ids=LONG)
@pytest.mark.parametrize("code", ["factor.each", "limit.file", "cell.stopped", "text"])
def test_no_number_is_too_long_to_be_said(number, code):
    (name,) = placeholders(CATALOGUE[code]) - {"expected"}
    said = message(code, **{name: number})
    assert render(said)
    assert render(messages_from_json(json.loads(json.dumps(messages_to_json([said])))))
    assert render(Message("factor.each", {"ratio": 10**309}))  # from elsewhere


def test_what_is_written_is_read_back_however_much_there_is_to_say():
    said = [message("cell.stopped", cell=cell) for cell in range(500)]
    assert messages_from_json(messages_to_json(said)) == tuple(said[:MOST_MESSAGES])


def test_why_a_submission_is_refused_is_a_message_too():
    error = pickle.loads(pickle.dumps(refused(message("notebook.many_cells", count=2_001, most=2_000))))
    assert error.said == message("notebook.many_cells", count=2_001, most=2_000)
    assert str(error) == "the notebook has 2,001 cells; at most 2,000 are run."
