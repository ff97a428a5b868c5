from pathlib import Path

import pytest

from grader.core.errors import SourceError, UsageError
from grader.units.course import Course, open_course
from tests.grader.toy import TOY, write_source


def test_the_units_are_the_sources_in_order(toy):
    for name in ("02_b", "01_a"):
        write_source(toy.root, name=name)
    (toy.root / "solutions" / "toy.ipynb").touch()
    course = Course(toy.root)
    assert list(course.sources) == ["01_a", "02_b", "toy"]
    assert course.unit("01_a").title == "A toy"


def test_each_unit_has_its_three_files(toy):
    assert toy.learner_notebook("toy") == toy.root / "labs" / "toy.ipynb"
    assert toy.checks("toy") == toy.root / "labs" / ".checks" / "toy.json"
    assert toy.reference_notebook("toy") == toy.root / "solutions" / "toy.ipynb"
    assert toy.learner_notebook("assessment_1") == toy.root / "assessments" / "assessment_1.ipynb"


def test_a_folder_that_is_no_course_is_told_with_what_to_do(tmp_path):
    with pytest.raises(
        UsageError, match="is no course: it has no folder 'solutions'. Name the course with --course DIR"
    ):
        open_course(tmp_path)


def test_a_course_stays_where_it_was_opened(toy, monkeypatch, tmp_path):
    monkeypatch.chdir(toy.root)
    opened = open_course(toy.root.__class__())
    monkeypatch.chdir(tmp_path)
    assert opened.unit("toy").name == "toy"


def test_an_unknown_unit_is_told_with_the_nearest_name_or_all(toy):
    for name, what in [("tou", "did you mean 'toy'"), ("01_activation", "it has toy")]:
        with pytest.raises(UsageError, match=f"this course has no unit {name!r}; {what}"):
            toy.unit(name)
    assert "it has none yet" in Course(toy.root / "labs").unknown("toy")


def test_a_source_that_is_no_text_is_a_source_error(toy):
    toy.sources["toy"].write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="toy.py cannot be read"):
        toy.unit("toy")


def test_the_modules_are_those_that_the_reference_imports(toy):
    assert toy.modules([toy.unit("toy")]) == ["numpy"]
    more = "import numpy as np\nimport json.decoder\nfrom email import message, Nothing\n%magic\n"
    write_source(
        toy.root, TOY.replace("import numpy as np\n\nfrom grader import Lab", more + "\nfrom grader import Lab")
    )
    assert toy.modules([toy.unit("toy")]) == []
    write_source(toy.root, TOY.replace("import numpy as np\n\nfrom grader import Lab", more.replace("%magic\n", "")))
    assert toy.modules([toy.unit("toy")]) == ["email", "email.message", "json.decoder", "numpy"]


def test_the_modules_of_the_courses_own_packages_are_followed_once(toy):
    package = toy.root / "kit"
    package.mkdir()
    (package / "__init__.py").write_text("from kit import deep\nimport html.parser")
    (package / "deep.py").write_text("import kit, colorsys\nfrom . import x")
    write_source(
        toy.root, TOY.replace("import numpy as np\n\nfrom grader import Lab", "import kit\n\nfrom grader import Lab")
    )
    assert toy.modules([toy.unit("toy")]) == ["colorsys", "html.parser", "kit", "kit.deep"]


def test_a_course_without_a_source_is_none_yet(tmp_path):
    (tmp_path / "solutions").mkdir()
    with pytest.raises(UsageError, match=r"is no course yet: its folder 'solutions' holds no source \(\*\.py\)\."):
        open_course(tmp_path)


def test_a_path_that_no_file_system_holds_is_no_course():
    with pytest.raises(UsageError, match="is no course: it has no folder 'solutions'"):
        open_course(Path("a" * 300))
