"""Certificates: signed as a whole, one page, whatever a learner is called; and the keys that sign them."""

import html
import json
import re
import stat
import unicodedata
from dataclasses import replace

import pytest

from grader.certificates.certificate import Facts, Finding, file_name, signed_page, verify_page
from grader.certificates.keys import new_key, private_key, public_key, public_path
from grader.certificates.seal import seal_path
from grader.gradebook.gradebook import Gradebook
from grader.judging.verdict import State, Verdict
from tests.attacks.harmless import active
from tests.grader.classroom.test_handed_in import NAME, SOURCE
from tests.grader.toy import TOY, write_source

FACTS = Facts("001", NAME, "Signs", 4.5, 5.0, "2026-11-21", "toys 1.0", "ab" * 32, True)


@pytest.fixture
def course(tmp_path):
    course = write_source(tmp_path / "course", SOURCE, NAME)
    write_source(course.root, TOY, "toy")
    (course.root / "pyproject.toml").write_text('[project]\nname = "toys"\nversion = "1.0"\n')
    return course


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "keys" / "certificate.key"
    new_key(path)
    return path


@pytest.fixture
def graded(tmp_path, course):
    """Notes in a gradebook what a learner earned, and returns the gradebook's file."""

    def note(learner, points, unit=NAME, source="", walled=True):
        book = Gradebook(str(tmp_path / "grades.db"))
        run = book.hand_in(learner, unit, source or course.unit(unit).digest, f"{learner}{points}").run
        book.begin(run, walled)
        state = State.PASSED if points == 4 else State.FAILED
        verdicts = [Verdict("line", state, points, 4.0, ()), Verdict("quiz_1", State.FAILED, 0.5, 1.0, ())]
        book.finish(run, {"cells": []}, (), 1.0, [(number, 0, verdict) for number, verdict in enumerate(verdicts)])
        book.close()
        return tmp_path / "grades.db"

    return note


@pytest.fixture
def certify(grader, course, key, tmp_path):
    """Asks for a certificate: exit status, all that was said, and the page or None."""

    def command(learner, book, *more):
        output = tmp_path / "out.html"
        output.unlink(missing_ok=True)
        status, out, err = grader("certificate", learner, "--gradebook", book, "--course", course.root, "--key", key,
                                  "--output", output, *more)  # fmt: skip
        return status, out + err, output.read_bytes() if output.exists() else None

    return command


def test_who_passed_gets_a_page_that_verifies(certify, graded, grader, key, course, tmp_path):
    status, _, page = certify("001", graded("001", 4.0))
    assert status == 0
    text = re.sub(r"<[^>]+>", "", page.decode())
    for fact in ("001", "Signs", "with 4.5 of 5 points", "toys 1.0", course.unit(NAME).digest):
        assert fact in text
    status, out, _ = grader("verify-certificate", tmp_path / "out.html", "--public-key", public_path(key))
    assert (status, out.split("\n")[0].endswith("out.html: valid.")) == (0, True)
    assert "  learner    001\n" in out and "  walled     True\n" in out


@pytest.mark.parametrize(
    ("learner", "points", "more", "status", "sentence"),
    [
        ("001", 3.0, {}, 1, f"learner '001' has not passed {NAME} (line: 3 of 4 points)."),
        ("009", 4.0, {}, 2, "nothing that learner '009' handed in has been graded in this gradebook."),
        ("001", 4.0, {"unit": "toy"}, 1, "of what learner '001' handed in, nothing gives a certificate."),
        (
            "001",
            4.0,
            {"source": "0" * 64},
            2,
            "was graded against another version of its source: grade it again first.",
        ),
    ],
)
def test_without_a_pass_there_is_a_sentence_and_no_page(certify, graded, learner, points, more, status, sentence):
    answer, said, page = certify(learner, graded("001", points, **more))
    assert (answer, page) == (status, None)
    assert said.startswith("grader: ") and said.rstrip().endswith(sentence)


def test_a_grade_without_walls_is_certified_as_one(certify, graded):
    _, _, page = certify("001", graded("001", 4.0, walled=False))
    assert b"Graded without the sandbox" in page


def test_every_change_shows(key):
    page, public = signed_page(FACTS, private_key(key), "c.html"), public_key(public_path(key))
    assert verify_page(page, public)[0] == Finding.VALID
    changes = [
        page.replace(b"4.5 of", b"5.0 of"), page.replace(b'"points": 4.5', b'"points": 5.0'), page + b"\n", page[:-1],
        page.replace(b"<!-- signed {", b"<!-- signed { "), b" " + page, page.replace(b"\n", b"\r\n"), b"", page[:500],
        page.replace(b'"signature": "', b'"signature": "A'), page.replace(b'"walled": true', b'"walled": [[[[1]]]]'),
    ]  # fmt: skip
    assert page not in changes
    assert all(verify_page(changed, public) == (Finding.CHANGED, {}) for changed in changes)


def test_another_key_is_told_from_a_change(key, grader, tmp_path):
    other = tmp_path / "other.key"
    new_key(other)
    page = tmp_path / "c.html"
    page.write_bytes(signed_page(FACTS, private_key(other), "c.html"))
    status, out, _ = grader("verify-certificate", page, "--public-key", public_path(key))
    assert (status, out) == (1, f"{page}: signed by another key.\n")
    page.write_bytes(page.read_bytes().replace(b"Signs", b"Sings"))
    status, out, _ = grader("verify-certificate", page, "--public-key", public_path(other))
    assert (status, out) == (1, f"{page}: changed after it was signed, or never a certificate.\n")


@pytest.mark.parametrize(
    "learner", ["<script>alert(1)</script>", "--><img src=x onerror=alert(1)>", '"&amp;', "W" * 200]
)
def test_a_learners_name_does_nothing(key, learner):
    page = signed_page(Facts(**{**FACTS.__dict__, "learner": learner}), private_key(key), "c.html")
    assert active(page.decode()) == []
    assert page.count(b"-->") == 1 and page.endswith(b"-->\n")
    finding, facts = verify_page(page, public_key(public_path(key)))
    assert (finding, facts["learner"]) == (Finding.VALID, learner)


LOOK_ALIKE = [
    "victim", "v\u0456ctim", "victim\u200b", " victim", "v\u00edctim", "vi\u0301ctim", "victim/../victim", "Victim",
]  # fmt: skip


def seen(page: bytes) -> str:
    """A certificate as somebody reads it who tells no accent and no writing from another."""
    words = re.sub(r"<style>.*?</style>|<!--.*?-->|<[^>]+>", " ", page.decode(), flags=re.DOTALL)
    letters = unicodedata.normalize("NFKD", html.unescape(words)).replace("\u0456", "i")
    return " ".join("".join(letter for letter in letters if letter.isascii()).split())


def test_learners_who_look_alike_get_certificates_that_do_not(key):
    pages = [signed_page(replace(FACTS, learner=learner), private_key(key), "c.html") for learner in LOOK_ALIKE]
    assert len({seen(page) for page in pages}) == len(LOOK_ALIKE)
    told = [learner for learner, page in zip(LOOK_ALIKE, pages, strict=True) if "spelled in ASCII" in page.decode()]
    assert told == ["v\u0456ctim", "victim\u200b", " victim", "vi\u0301ctim"]


def test_each_learner_and_unit_has_a_file_of_its_own():
    pairs = [("a-b", "c"), ("a", "b-c"), ("a_b", "c"), ("a b", "c"), ("..", "c"), *((one, NAME) for one in LOOK_ALIKE)]
    names = [file_name(replace(FACTS, learner=learner, unit=unit)) for learner, unit in pairs]
    assert len(set(names)) == len(pairs)
    assert all(name.isprintable() and not set(name) & set("/\\:") for name in names)
    assert file_name(FACTS) == f"001-{NAME}.html"


def test_who_verifies_a_certificate_reads_the_name_in_ascii(key, grader, tmp_path):
    path = tmp_path / "c.html"
    path.write_bytes(signed_page(replace(FACTS, learner="v\u0456ctim"), private_key(key), "c.html"))
    out = grader("verify-certificate", path, "--public-key", public_path(key))[1]
    assert "  learner    v\u0456ctim\n             in ASCII: v\\u0456ctim\n" in out


def test_a_key_is_the_owners_alone_and_never_overwritten(grader, key):
    before = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    status, _, err = grader("key", "new", "--key", key)
    assert (status, key.read_bytes()) == (2, before)
    assert "is there already, and a key is never overwritten: name another." in err


def test_no_two_learners_certificates_have_the_same_name(graded, grader, course, key, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    learners = ("a b", "a_b", "a%20b", "é", "\\x20a", "a/b")
    for learner in learners:
        words = ["--gradebook", graded(learner, 4.0), "--course", course.root, "--key", key]
        assert grader("certificate", learner, *words)[0] == 0
    made = {path.name.removesuffix(f"-{NAME}.html") for path in tmp_path.glob(f"*-{NAME}.html")}
    assert len(made) == len(learners)


def test_the_first_certificate_makes_a_key_in_the_settings_and_says_where(
    graded, grader, course, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)
    status, out, _ = grader("certificate", "001", "--gradebook", graded("001", 4.0), "--course", course.root)
    made = tmp_path / "settings" / "grader" / "certificate.key"
    assert (status, made.is_file(), public_path(made).is_file()) == (0, True, True)
    assert f"Private key: {made} " in out and out.endswith(f"Certificate: 001-{NAME}.html\n")


def test_a_key_that_others_can_read_does_not_sign(certify, graded, key):
    key.chmod(0o644)
    status, said, page = certify("001", graded("001", 4.0))
    assert (status, page) == (2, None)
    assert f"others can read the private key {key}, and so sign as you: chmod 600 {key}" in said


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_told(grader, tmp_path, text):
    path = tmp_path / "some.pub"
    path.write_text(text)
    status, _, err = grader("verify-certificate", path, "--public-key", path)
    assert status == 2 and f"{path} holds no public key" in err


def test_each_source_has_a_seal_of_its_own_within_its_square():
    seals = {seal_path(f"{number:064x}") for number in (0, 2**224, 5 * 2**228)}
    assert len(seals) > 1
    assert all(abs(float(number)) <= 100 for seal in seals for number in re.findall(r"-?\d+\.\d", seal))


@pytest.mark.slow
def test_it_is_one_page_on_paper(key, tmp_path):
    from playwright.sync_api import sync_playwright

    path = tmp_path / "c.html"
    for learner in ("001", "W" * 200, "\u0456i" * 66, "\U0001f600" * 50):
        path.write_bytes(signed_page(Facts(**{**FACTS.__dict__, "learner": learner}), private_key(key), "c.html"))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(path.as_uri())
            printed = page.pdf(prefer_css_page_size=True)
            fits = page.evaluate("(f => f.scrollHeight <= f.clientHeight)(document.querySelector('.frame'))")
            browser.close()
        assert (len(re.findall(rb"/Type /Page\b", printed)), fits) == (1, True)


def test_the_facts_in_the_comment_are_those_on_the_page(key):
    page = signed_page(FACTS, private_key(key), "c.html").decode()
    form = json.loads(re.search(r"<!-- signed (.*) -->\n\Z", page)[1])
    assert form["facts"] == FACTS.__dict__
