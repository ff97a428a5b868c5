"""How far an observation is right, whether two are the same, and whether there was an answer to observe. Pure."""

from grader.judging.expectation import JudgedProbe, JudgedTask, Observations
from grader.judging.judges import close, equal, is_close
from grader.judging.observe import Observation


def score(task: JudgedTask, probe: JudgedProbe, observed: Observation | None) -> float:
    """Credit from 0 to 1 for one probe."""
    reference = task.expectation.reference[probe.name]
    if observed is None or changed_inputs(probe, observed) != changed_inputs(probe, reference):
        return 0.0
    if observed.failure or reference.failure:
        return float(same_kind(reference, observed))
    return probe.judge.score(reference.value, observed.value)


def compares(probe: JudgedProbe) -> bool:
    """Whether a probe's value is compared with the reference's, rather than measured, as predictions are."""
    return isinstance(probe.judge, close | equal)


def changed_inputs(probe: JudgedProbe, observation: Observation) -> list[str]:
    """The inputs that were changed in place; what else a learner's process may have named counts for nothing."""
    return [name for name in probe.inputs if name in observation.changed]


def same_kind(one: Observation, other: Observation) -> bool:
    """Whether both failed, and in the same way."""
    return bool(one.failure and other.failure and one.failure.kind == other.failure.kind)


def agree(one: Observation | None, other: Observation | None) -> bool:
    """Whether two observations are the same: their values, or how they failed, and the inputs they changed."""
    if one is None or other is None or one.changed != other.changed:
        return False
    if one.failure or other.failure:
        return bool(
            one.failure and other.failure
            and (one.failure.kind, one.failure.message) == (other.failure.kind, other.failure.message)
        )  # fmt: skip
    return is_close(one.value, other.value, 1e-6, 1e-12)


def is_absent(observations: Observations, answer: str) -> bool:
    """Whether no probe found an answer of this name, or its file."""
    return all(_absent(observation, answer) for observation in observations.values())


def _absent(observation: Observation, answer: str) -> bool:
    failure = observation.failure
    if failure is None:
        return False
    return failure.kind == "no file" or (failure.kind == "missing" and failure.message == answer)
