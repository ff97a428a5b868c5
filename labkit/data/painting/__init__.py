"""A painter of fruit, fresh and rotten: every picture is made here, from numbers drawn by chance."""

from labkit.data.painting.scene import FRUITS, paint_fruits

__all__ = ["FRUITS", "paint_fruits"]
