"""What Python itself says of an error, if nothing of a hidden input can be in it. Pure.

A learner's code can raise any error with any text, and its process can send any. So a text is told only if it is one
that Python or NumPy has for this kind, word for word, and if what is filled into it is harmless: a name that the
notebook's own code holds, which the page shows anyway, or a type of Python's. Numbers are left out.
"""

import re
from collections.abc import Collection

import numpy as np

_MOST = 600  # characters of an error's text that are looked at
_TYPES = frozenset((
    "int", "float", "bool", "str", "list", "tuple", "dict", "set", "complex", "bytes", "NoneType", "function",
    "builtin_function_or_method", "method", "type", "module", "range", "slice", "generator", "object", "ellipsis",
    "zip", "map", "enumerate", "dict_keys", "dict_values", "numpy.ndarray", "ndarray", "numpy.float64", "numpy.int64",
    "numpy.bool", "numpy.bool_", "numpy.float32", "numpy.int32", "float64", "int64", "numpy.ufunc", "EagerTensor",
    "KerasTensor", "Tensor",
))  # fmt: skip
_LONG_NUMBER = re.compile(r"\d{3}")
# In a template <name> is a name of the notebook's, <names> several, <type> a type, <ufunc> a function of NumPy's,
# <text> a text of the notebook's, <n> a number and <shape> a shape, which are left out, <more> what Python may add.
_TEMPLATES = {
    "NameError": (
        "name '<name>' is not defined<more>",
        "cannot access free variable '<name>' where it is not associated with a value in enclosing scope",
    ),
    "UnboundLocalError": ("cannot access local variable '<name>' where it is not associated with a value",),
    "AttributeError": (
        "'<type>' object has no attribute '<name>'<more>",
        "module '<names>' has no attribute '<name>'<more>",
        "type object '<name>' has no attribute '<name>'<more>",
    ),
    "TypeError": (
        "<name>() missing <n> required positional arguments?: <names>",
        "<name>() missing <n> required keyword-only arguments?: <names>",
        "<name>() takes <n> positional arguments? but <n> (?:was|were) given",
        "<name>() takes from <n> to <n> positional arguments but <n> (?:was|were) given",
        "<name>() got an unexpected keyword argument '<name>'<more>",
        "<name>() got multiple values for argument '<name>'",
        "'<type>' object is not (?:callable|subscriptable|iterable|reversible|an iterator)",
        "'<type>' object cannot be interpreted as an integer",
        "'<type>' object does not support item (?:assignment|deletion)",
        "unsupported operand type\\(s\\) for <operator>: '<type>' and '<type>'<more>",
        "'<operator>' not supported between instances of '<type>' and '<type>'",
        "bad operand type for (?:unary <operator>|abs\\(\\)): '<type>'",
        "can't multiply sequence by non-int of type '<type>'",
        'can only concatenate <type> \\(not "<type>"\\) to <type>',
        "object of type '<type>' has no len\\(\\)",
        "cannot unpack non-iterable <type> object",
        "unhashable type: '<type>'",
        "must be real number, not <type>",
        "(?:list|tuple|string) indices must be integers(?: or slices)?, not (?:'<type>'|<type>)",
        "only integer scalar arrays can be converted to a scalar index",
        "only (?:length-1|size-1|0-dimensional) arrays can be converted to Python scalars",
        "ufunc '<ufunc>' not supported for the input types, and the inputs could not be safely coerced.*",
        "loop of ufunc does not support argument <n> of type <type> which has no callable <ufunc> method",
        "return arrays must be of ArrayType",
    ),
    "IndexError": (
        "(?:list|tuple|string|range object) (?:assignment )?index out of range",
        "index <n> is out of bounds for axis <n> with size <n>",
        "index <n> is out of bounds for size <n>",
        "too many indices for array: array is <n>-dimensional, but <n> were indexed",
        "pop from empty list",
        "invalid index to scalar variable\\.",
        "arrays used as indices must be of integer \\(or boolean\\) type",
        "only integers, slices \\(`:`\\), ellipsis \\(`\\.\\.\\.`\\), numpy\\.newaxis \\(`None`\\) and integer or "
        "boolean arrays are valid indices",
        "boolean index did not match indexed array along axis <n>; size of axis is <n> but size of corresponding "
        "boolean axis is <n>",
        "shape mismatch: indexing arrays could not be broadcast together with shapes <shapes>",
    ),
    "ValueError": (
        "operands could not be broadcast together with(?: remapped)? shapes.*",
        "shapes <shape> and <shape> not aligned: <n> \\(dim <n>\\) != <n> \\(dim <n>\\)",
        "matmul: Input operand <n> has a mismatch in its core dimension <n>, with gufunc signature "
        "\\(n\\?,k\\),\\(k,m\\?\\)->\\(n\\?,m\\?\\) \\(size <n> is different from <n>\\)",
        "matmul: Input operand <n> does not have enough dimensions.*",
        "cannot reshape array of size <n> into shape <shape>",
        "could not broadcast input array from shape <shape> into shape <shape>",
        "setting an array element with a sequence\\..*",
        "The truth value of an array with more than one element is ambiguous. Use a\\.any\\(\\) or a\\.all\\(\\)",
        "not enough values to unpack \\(expected <n>, got <n>\\)",
        "too many values to unpack \\(expected <n>(?:, got <n>)?\\)",
        "all the input array dimensions except for the concatenation axis must match exactly.*",
        "all the input arrays must have same number of dimensions.*",
        "all input arrays must have the same shape",
        "need at least one array to (?:concatenate|stack)",
        "zero-size array to reduction operation <ufunc> which has no identity",
        "axes don't match array",
        "assignment destination is read-only",
        "array split does not result in an equal division",
        "(?:max|min)\\(\\) (?:arg is an empty sequence|iterable argument is empty)",
        "attempt to get arg(?:max|min) of an empty sequence",
        "math domain error",
        "expected a (?:positive|nonnegative) input.*",
    ),
    "AxisError": ("axis <n> is out of bounds for array of dimension <n>",),
    "ZeroDivisionError": ("(?:float |integer |complex )?(?:division|modulo|floor division)(?: or modulo)? by zero",),
    "OverflowError": ("math range error", "cannot convert float infinity to integer"),
    "FloatingPointError": (
        "(?:overflow|underflow|divide by zero|invalid value) encountered in (?:scalar )?<ufunc>",
    ),
    "RecursionError": ("maximum recursion depth exceeded.*",),
    "ModuleNotFoundError": ("No module named '<names>'<more>",),
    "ImportError": ("cannot import name '<name>' from '<names>'<more>",),
    "FileNotFoundError": ("\\[Errno 2\\] No such file or directory: '<text>'",),
    "KeyError": ("'<text>'",),
}  # fmt: skip
_LEFT_OUT = "…"
_WORD = r"[^\W\d]\w{0,60}"
_CALLED = rf"(?:{_WORD}|<lambda>)"
_SLOTS = {
    "name": rf"(?P<name>{_CALLED}(?:\.(?:<locals>\.)?{_CALLED}){{0,3}})",
    "names": rf"(?P<names>'?{_WORD}'?(?:[.]{_WORD}|(?:,? and |, )'?{_WORD}'?){{0,4}})",
    "type": r"(?P<type>[\w.]{1,60}?)",
    "ufunc": r"(?P<ufunc>\w{1,40})",
    "text": r"(?P<text>[^'\n]{1,100})",
    "operator": r"(?:\*\* or pow\(\)|divmod\(\)|(?:[-+/%@&|^]|\*\*?|//|<<|>>)=?|[<>]=?|~)",
    "n": r"(?P<n>-?\d{1,20})",
    "shape": r"(?P<shape>\([\d, ]{0,60}\))",
    "shapes": r"(?P<shapes>[\d(), ]{1,100})",
    "more": r"(?P<more>(?:[.:] ?|\n| \()(?s:.*))?",
}
_SLOT = re.compile(r"<(name|names|type|ufunc|text|operator|n|shape|shapes|more)>")


def safe_text(kind: str, text: str, own: Collection[str]) -> str:
    """The text of an error, with numbers and additions left out; "" if it is not for sure Python's own.

    `own` are the names and the texts that the notebook's code holds.
    """
    if len(text) > _MOST:
        text = text.partition("\n")[0]
    if len(text) > _MOST:
        return ""
    for pattern, groups in _COMPILED.get(kind, ()):
        found = pattern.fullmatch(text)
        if found and all(_is_harmless(what, found[group], own) for group, what in groups.items()):
            return _without_numbers(found, groups)
    return ""


def _without_numbers(found: re.Match[str], groups: dict[str, str]) -> str:
    """The text that matched, without what is left out."""
    text, end, kept = found[0], 0, []
    for group, what in groups.items():
        if what in ("n", "shape", "shapes", "more", "rest") and found[group]:
            start, stop = found.span(group)
            kept += [text[end:start], "" if what == "more" else _LEFT_OUT]
            end = stop
    return "".join([*kept, text[end:]]).strip()


def _is_harmless(what: str, filled: str | None, own: Collection[str]) -> bool:
    if filled is None or what in ("n", "shape", "shapes", "more", "rest"):
        return True
    if what == "type":
        return filled in _TYPES or _is_own(filled, own)
    if what == "ufunc":
        return hasattr(np, filled) or filled in ("dot", "matmul")
    if what == "names":
        words = [name for name in re.findall(r"\w+", filled) if name != "and"]
        return len(words) == len(set(words)) and all(_is_own(name, own) for name in words)
    if what == "name":
        return all(_is_own(name, own) for name in re.findall(r"\w+", filled) if name not in ("lambda", "locals"))
    return _is_own(filled, own)


def _is_own(text: str, own: Collection[str]) -> bool:
    return text in own and not _LONG_NUMBER.search(text)


def _compiled(template: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A template as a pattern, and what each of its groups is."""
    groups: dict[str, str] = {}

    def slot(match: re.Match[str]) -> str:
        what = match[1]
        if what == "operator":
            return _SLOTS[what]
        group = f"{what}_{len(groups)}"
        groups[group] = what
        return _SLOTS[what].replace(f"?P<{what}>", f"?P<{group}>")

    pattern = _SLOT.sub(slot, template.replace("<name>()", r"<name>\(\)"))
    if pattern.endswith(".*"):  # what follows may hold anything
        groups["rest"] = "rest"
        pattern = f"{pattern[:-2]}(?P<rest>(?s:.*))"
    return re.compile(pattern), groups


# What is in the middle of a text could be anything there.
assert not any(".*" in template.removesuffix(".*") for templates in _TEMPLATES.values() for template in templates)
_COMPILED = {kind: [_compiled(template) for template in templates] for kind, templates in _TEMPLATES.items()}
