"""The first assessment: fresh or rotten."""

from learner import HERE, IN_PART, Cells, Files, Story, answer, answer_right, deserves, full_marks, gets

from grader.units.unit import Unit

NAME = "assessment_1_fresh_or_rotten"
MODEL = "fresh_or_rotten.keras"


@deserves(split="without_classes", quiz_1="choice_a")
@gets(model_input="passed", model_file=IN_PART)
def partly(unit: Unit, cells: Cells) -> None:
    """A small network from scratch, and a split that leaves the classes out of account."""
    answer_right(unit, cells)
    answer(
        unit, cells,
        split="""
def split(labels, share, rng):
    rows = rng.permutation(len(labels))
    held = round(share * len(labels))
    return rows[held:], rows[:held]
""",
        quiz_1='lab.answer("quiz_1", "a")',
    )  # fmt: skip


@gets(split="passed", model_input="not_attempted", model_file="not_attempted")
def no_model(unit: Unit, cells: Cells) -> None:
    """Everything is answered, and the model stayed on the learner's own machine."""
    answer_right(unit, cells)


@gets(model_input="failed", model_file="failed")
def poisoned(unit: Unit, cells: Cells) -> None:
    """A file that somebody found on the internet: it divides by 255 in a Lambda layer."""
    answer_right(unit, cells, "split", "most_confused")


STORIES: dict[str, Story] = {"032": full_marks, "033": partly, "034": no_model, "035": poisoned}


def files(unit: Unit) -> Files:
    """The models that are handed in beside the notebooks."""
    return {
        f"032/{MODEL}": unit.reference_file(MODEL).read_bytes(),
        f"033/{MODEL}": (HERE / "small_network.keras").read_bytes(),
        f"035/{MODEL}": (HERE / "with_a_lambda.keras").read_bytes(),
    }
