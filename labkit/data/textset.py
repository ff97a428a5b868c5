"""What every loader of texts gives: texts and classes in three parts, with their source and licence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class Texts:
    """Texts and their class numbers in three parts that share no text. Showing it says where they come from."""

    name: str
    source: str
    licence: str
    classes: tuple[str, ...]
    split: str  # what keeps the parts apart, in words
    x_train: list[str]
    y_train: NDArray[Any]
    x_validation: list[str]
    y_validation: NDArray[Any]
    x_test: list[str]
    y_test: NDArray[Any]

    def __repr__(self) -> str:
        sizes = f"{len(self.x_train):,} train, {len(self.x_validation):,} validation, {len(self.x_test):,} test"
        length = sum(map(len, self.x_train)) / max(len(self.x_train), 1)
        return (
            f"{self.name}\n"
            f"  source   {self.source}\n"
            f"  licence  {self.licence}\n"
            f"  inputs   texts of {length:,.0f} characters on average\n"
            f"  classes  {len(self.classes)}: {', '.join(self.classes)}\n"
            f"  split    {sizes}; {self.split}"
        )
