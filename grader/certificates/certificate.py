"""Certificates: a page that says who passed what, signed as a whole. Whoever has the public key can verify it.

After the page stands one comment with the facts once more, the public key and the signature over page and facts: a
byte that is changed anywhere shows.
"""

import base64
import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from grader.certificates.keys import fingerprint
from grader.certificates.seal import seal_path
from grader.core.errors import NotPassedError, UsageError
from grader.gradebook.gradebook import Gradebook
from grader.judging.verdict import State
from grader.learner.card import points_text
from grader.report.learner_names import is_plain, is_portable, marked, spelled
from grader.report.page import page
from grader.units.course import Course

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_CONTEXT = b"grader certificate 1\n"
_TRAILER = re.compile(rb"<!-- signed (\{[^<>]*\}) -->\n\Z")


@dataclass(frozen=True)
class Facts:
    """What a certificate says. `source` is the digest of the unit's source that the submission was graded against."""

    learner: str
    unit: str
    title: str
    points: float
    max_points: float
    date: str
    course: str
    source: str
    walled: bool


class Finding(StrEnum):
    """What verifying a page found."""

    VALID = "valid"
    CHANGED = "changed after it was signed, or never a certificate"
    OTHER_KEY = "signed by another key"


def certified_unit(learner: str, gradebook: Gradebook, course: Course) -> str:
    """The unit that a learner can have a certificate of. Raises where there is none, or more than one."""
    handed_in = [unit for who, unit, _ in gradebook.submissions() if who == learner]
    if not handed_in:
        raise UsageError(f"nothing that learner {learner!r} handed in has been graded in this gradebook")
    units = [unit for unit in handed_in if unit in course.sources and _required(course, unit)]
    if not units:
        raise NotPassedError(f"of what learner {learner!r} handed in, nothing gives a certificate")
    if len(units) > 1:
        raise UsageError(f"learner {learner!r} handed in {' and '.join(units)}: name one with --unit")
    return units[0]


def facts_of(learner: str, unit: str, gradebook: Gradebook, course: Course) -> Facts:
    """What is certified. Raises NotPassedError, in one sentence, where there is nothing to certify."""
    if (learner, unit) not in {(who, what) for who, what, _ in gradebook.submissions()}:
        raise UsageError(f"learner {learner!r} has handed in no {unit!r} that was graded in this gradebook")
    required = _required(course, unit)
    if not required:
        raise NotPassedError(f"{unit} gives no certificate: none of its tasks is required")
    source = course.unit(unit)
    outcome = gradebook.outcome(learner, unit)
    if outcome.source != source.digest:
        raise UsageError(f"{unit} was graded against another version of its source: grade it again first")
    verdicts = [verdict for _, verdict in outcome.verdicts]
    missed = [v for v in verdicts if v.task in required and v.state != State.PASSED]
    if missed:
        told = "; ".join(f"{v.task}: {points_text(v.points)} of {points_text(v.max_points)} points" for v in missed)
        raise NotPassedError(f"learner {learner!r} has not passed {unit} ({told})")
    points = sum(verdict.points for verdict in verdicts), sum(verdict.max_points for verdict in verdicts)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Facts(learner, unit, source.title, *points, today, course.version, source.digest, outcome.walled)


def file_name(facts: Facts) -> str:
    """The name of a certificate's file, which no other learner's or unit's has."""
    # Behind a hyphen of the unit's own it is not plain where the learner's id ends.
    is_plain_pair = is_portable(facts.learner) and "-" not in facts.unit
    learner = facts.learner if is_plain_pair else marked(facts.learner)
    return f"{learner}-{facts.unit if is_portable(facts.unit) else marked(facts.unit)}.html"


def signed_page(facts: Facts, key: "Ed25519PrivateKey", name: str) -> bytes:
    """The certificate, signed. `name` is that of its file, for the command that it shows."""
    public = key.public_key().public_bytes_raw()
    text = page(
        "certificate.html", facts=facts, date=_long(facts.date), fingerprint=fingerprint(public), name=name,
        seal=seal_path(facts.source), spelled=spelled(facts.learner), is_plain=is_plain(facts.learner),
    )  # fmt: skip
    return text.encode() + _trailer(text.encode(), asdict(facts), key)


def verify_page(data: bytes, public: "Ed25519PublicKey") -> tuple[Finding, dict[str, Any]]:
    """What is to be said of a page for this public key, and the facts that its signer certified: none where changed."""
    form = _signed_form(data)
    if form is None:
        return Finding.CHANGED, {}
    mine = public.public_bytes_raw()
    if not _holds(data, form, form["key"]):
        return Finding.CHANGED, {}
    return (Finding.VALID if form["key"] == mine else Finding.OTHER_KEY), form["facts"]


def _required(course: Course, unit: str) -> set[str]:
    return {task.name for task in course.unit(unit).tasks.values() if task.required}


def _long(date: str) -> str:
    day = datetime.date.fromisoformat(date)
    return f"{day.day} {day:%B %Y}"


def _trailer(text: bytes, facts: Mapping[str, Any], key: "Ed25519PrivateKey") -> bytes:
    public = key.public_key().public_bytes_raw()
    form = {
        "facts": facts, "key": base64.b64encode(public).decode(),
        "signature": base64.b64encode(key.sign(_message(text, facts))).decode(),
    }  # fmt: skip
    return f"<!-- signed {_json(form)} -->\n".encode()


def _message(text: bytes, facts: Mapping[str, Any]) -> bytes:
    return _CONTEXT + _json(facts).encode() + b"\n" + text


def _json(form: Any) -> str:
    """JSON that cannot end the comment it stands in, whatever a learner is called."""
    return json.dumps(form, sort_keys=True).replace("<", "\\u003c").replace(">", "\\u003e")


def _signed_form(data: bytes) -> dict[str, Any] | None:
    """What stands after the page, the key and the signature as bytes; None where it is nothing of the kind."""
    found = _TRAILER.search(data)
    try:
        form = json.loads(found[1]) if found else {}
        facts = asdict(Facts(**form["facts"]))
        key, signature = (base64.b64decode(form[name], validate=True) for name in ("key", "signature"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return {"facts": facts, "key": key, "signature": signature, "text": data[: found.start()]} if found else None


def _holds(data: bytes, form: Mapping[str, Any], key: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    # One form of the trailer alone is right: another spelling of the same JSON is a change, too.
    trailer = data[len(form["text"]) :]
    spelled = {"facts": form["facts"], **{n: base64.b64encode(form[n]).decode() for n in ("key", "signature")}}
    if trailer != f"<!-- signed {_json(spelled)} -->\n".encode():
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(form["signature"], _message(form["text"], form["facts"]))
    except (InvalidSignature, ValueError):
        return False
    return True
