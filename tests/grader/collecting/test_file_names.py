"""Names that browsers, systems, platforms and people give to a unit's notebook: the unit is found in all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collecting.file_names import Copy, attempt, folder_learner, is_no_learner, read_name

UNIT, OTHER = "01_activation_and_loss", "00_getting_started"
UNITS = [OTHER, UNIT, "assessment_1_fresh_or_rotten"]
NAMES = {
    "U.ipynb": (Copy.PLAIN, 0),
    "U.ipynb ": (Copy.PLAIN, 0),
    "U.IPYNB": (Copy.PLAIN, 0),
    "01_Activation_And_Loss.ipynb": (Copy.PLAIN, 0),
    "01 activation and loss.ipynb": (Copy.PLAIN, 0),
    "01-activation-and-loss.ipynb": (Copy.PLAIN, 0),
    "U.ipynb.ipynb": (Copy.PLAIN, 0),
    "U.ipynb.txt": (Copy.PLAIN, 0),
    "U.ipynb.json": (Copy.PLAIN, 0),
    "U.json": (Copy.PLAIN, 0),
    "U.zip": (Copy.PLAIN, 0),
    "U (1).ipynb": (Copy.NUMBERED, 1),
    "U(2).ipynb": (Copy.NUMBERED, 2),
    "U_(3).ipynb": (Copy.NUMBERED, 3),
    "U-1.ipynb": (Copy.NUMBERED, 1),
    "U_1.ipynb": (Copy.NUMBERED, 1),
    "U 2.ipynb": (Copy.NUMBERED, 2),
    "Copy of U.ipynb": (Copy.NUMBERED, 1),
    "Copy_of_U.ipynb": (Copy.NUMBERED, 1),
    "Copy of Copy of U.ipynb": (Copy.NUMBERED, 2),
    "Kopie von U.ipynb": (Copy.NUMBERED, 1),
    "Copia de U.ipynb": (Copy.NUMBERED, 1),
    "U-Copy1.ipynb": (Copy.BACKUP, 1),
    "U copy.ipynb": (Copy.BACKUP, 0),
    "U copy 2.ipynb": (Copy.BACKUP, 2),
    "U - Copy.ipynb": (Copy.BACKUP, 0),
    "U - Copy (2).ipynb": (Copy.BACKUP, 2),
    "U - Kopie.ipynb": (Copy.BACKUP, 0),
    "U_old.ipynb": (Copy.BACKUP, 0),
    "old_U.ipynb": (Copy.BACKUP, 0),
    "U_final.ipynb": (Copy.FINAL, 0),
    "final_U.ipynb": (Copy.FINAL, 0),
    "U FINAL v2.ipynb": (Copy.FINAL, 2),
    "U_v3.ipynb": (Copy.FINAL, 3),
    "U_name.ipynb": (Copy.OTHER, 0),
    "U_2024.ipynb": (Copy.OTHER, 0),
    "U~.ipynb": (Copy.OTHER, 0),
    "lab01_activation_and_loss.ipynb": (Copy.OTHER, 0),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_says_its_unit_and_which_copy_it_is(name):
    said = read_name(name.replace("U", UNIT) if "01" not in name else name, UNITS)
    assert (said.unit, said.copy, said.learner) == (UNIT, NAMES[name], "")


@pytest.mark.parametrize(
    ("name", "learner", "rest", "platform"),
    [
        ("anna_U.ipynb", "anna", "U.ipynb", ""),
        ("anna_2024_U (1).ipynb", "anna_2024", "U (1).ipynb", ""),
        ("Doe Jane - U.zip", "Doe Jane", "U.zip", ""),
        ("Neu Anna_U.ipynb", "Neu Anna", "U.ipynb", ""),
        ("anna_Copy of U.ipynb", "anna", "Copy of U.ipynb", ""),
        ("learner1_12345_678_U.ipynb", "learner1_12345", "U.ipynb", "Canvas"),
        ("learner1_LATE_12345_678_U-1.ipynb", "learner1_12345", "U-1.ipynb", "Canvas"),
        ("learner1_12345_678_homework.docx", "learner1_12345", "homework.docx", "Canvas"),
        ("Learner One_12345_assignsubmission_file_U.ipynb", "Learner One_12345", "U.ipynb", "Moodle"),
        ("Lab 1_jane_doe_attempt_2024-02-01-10-30-00_U.ipynb", "Lab 1_jane_doe", "U.ipynb", "Blackboard"),
        (".._U.zip", "", ".._U.zip", ""),
        ("~$U.ipynb", "", "~$U.ipynb", ""),
    ],
)
def test_who_stands_before_the_unit_is_whose_it_may_be(name, learner, rest, platform):
    said = read_name(name.replace("U", UNIT), UNITS)
    assert (said.learner, said.rest, said.platform) == (learner, rest.replace("U", UNIT), platform)


FORMS = {
    "Canvas": "{who}_12_34_{name}",
    "Moodle": "{who}_12_assignsubmission_file_{name}",
    "Blackboard": "{who}_attempt_2024-02-01-10-30-00_{name}",
}


@pytest.mark.parametrize("platform", FORMS)
@pytest.mark.parametrize("other", FORMS)
def test_a_file_that_is_called_as_a_platform_would_call_anothers_stays_its_learners(platform, other):
    forged = FORMS[other].format(who="victim", name=f"{UNIT}.ipynb")
    said = read_name(FORMS[platform].format(who="evil", name=forged), UNITS)
    assert said.learner in ("evil", "evil_12") and "victim" not in said.learner


def test_later_attempts_of_a_platform_are_later_copies():
    dates = ["2024-02-01-10-30-00", "2023-12-31-23-59-59", "2024-02-01-10-30-01"]
    copies = [read_name(f"Lab_x_attempt_{date}_{UNIT}.ipynb", UNITS).copy for date in dates]
    assert sorted(copies) == [copies[1], copies[0], copies[2]]


@pytest.mark.parametrize(
    "name",
    ["homework.ipynb", "", ".ipynb", "1.ipynb", "01_activation.ipynb", f"1{UNIT}.ipynb", f"{UNIT}es.ipynb"],
)
def test_a_name_without_a_unit_says_none(name):
    assert read_name(name, UNITS).units == ()


def test_of_two_units_in_a_name_it_says_neither_and_of_one_within_the_other_the_longer():
    assert read_name(f"{OTHER} and {UNIT}.ipynb", UNITS).unit == ""
    assert read_name("toy_2.ipynb", ["toy", "toy_2"]).unit == "toy_2"
    assert read_name("toy_2 (1).ipynb", ["toy", "toy_2"]).unit == "toy_2"
    assert read_name("toy (2).ipynb", ["toy", "toy_2"]).unit == "toy"


before = st.sampled_from(
    ["", "Copy of ", "Kopie von ", "final_", "my ", "x - ", "2024-05-01_", "ünï_", "(", "lab ", "~$"]
)
after = st.sampled_from(
    ["", " (1)", "(12)", "-Copy1", " copy", " - Copy (2)", "-1", "_2", "_final", " v2", "_name", " ", "~", ")", "_2024"]
)
endings = st.sampled_from([".ipynb", ".IPYNB", ".ipynb.txt", ".json", ".zip", ".ipynb ", "", ".pdf"])
cases = st.sampled_from(
    [str, str.upper, str.title, lambda name: name.replace("_", " "), lambda name: name.replace("_", "-")]
)


@given(before, st.sampled_from(UNITS), cases, after, endings)
def test_whatever_is_added_to_a_units_name_the_unit_is_found(start, unit, case, end, ending):
    said = read_name(f"{start}{case(unit)}{end}{ending}", UNITS)
    assert said.unit == unit
    assert said.learner == "" or start.startswith(said.learner)


@given(st.text(max_size=40))
def test_any_name_can_be_read(name):
    said = read_name(name, UNITS)
    assert not said.unit or said.unit in UNITS


@given(
    st.sampled_from(["learner1", "Anna-Lena", "李", "o'neil", "x.y"]),
    st.integers(1, 10**7),
    st.integers(1, 10**7),
    after,
)
def test_one_learners_uploads_to_a_platform_are_one_learners(who, user, upload, end):
    names = [f"{who}_{late}{user}_{upload + more}_{UNIT}{end}.ipynb" for late in ("", "LATE_") for more in (0, 1)]
    assert {read_name(name, UNITS).learner for name in names} == {f"{who}_{user}"}


@pytest.mark.parametrize(
    "folder",
    [UNIT, f"{UNIT} (1)", f"{UNIT}-Copy1", "labs", "assessments", "solutions", "lab1", "Lab 01", "hw3", "week 2"]
    + ["attempt1", "Attempt 12", "submissions", "backup"],
)
def test_a_courses_folders_are_no_learners(folder):
    assert is_no_learner(folder, UNITS)


@pytest.mark.parametrize(
    "folder", ["001", "learner1", "lab01-learner1", "anna", f"anna_{UNIT}", "Week, Anna", "1", "tester"]
)
def test_other_folders_may_be_learners(folder):
    assert not is_no_learner(folder, UNITS)


def test_attempts_have_numbers():
    assert [attempt(name) for name in ("attempt1", "Attempt 12", "attempts", "lab_3", "anna")] == [1, 12, 0, 3, -1]


def test_a_moodle_folders_learner_is_known_without_what_moodle_adds():
    for kind in ("file", "file_", "onlinetext_"):
        assert folder_learner(f"Learner One_12345_assignsubmission_{kind}") == "Learner One_12345"
    assert folder_learner("Learner One_12345") == "Learner One_12345"
