"""The visible side of a fruit, point by point, and how light makes a picture of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labkit.data.painting.canvas import Array, Canvas, length


@dataclass
class Light:
    """Where the light comes from (a unit vector: right, down, towards the viewer), its colour, and the shade's."""

    direction: Array  # (3,)
    tint: Array  # (3, 1)
    ambient: Array  # (3, 1)


@dataclass
class Surface:
    """m points of a fruit that the viewer sees. A point's place is in units of the fruit's own size."""

    board: Canvas  # the window that it was drawn in
    where: Array  # (m,) positions in that window
    plane: Array  # (2, m) place as the viewer sees it
    point: Array  # (3, m) place on the skin, in which marks are measured
    normal: Array  # (3, m) in the viewer's frame
    coarse: Array  # (m,) noise of three grains
    mid: Array
    fine: Array
    albedo: Array = field(init=False)  # (3, m)
    gloss: Array = field(init=False)  # (m,)
    open: Array = field(init=False)  # (m,) 1 where light reaches, 0 in the depth of a hollow

    def __post_init__(self) -> None:
        self.albedo = np.zeros((3, len(self.where)))
        self.gloss = np.zeros(len(self.where))
        self.open = np.ones(len(self.where))

    def at(self, a: float, b: float) -> tuple[Array, Array]:
        """A spot of the side that the viewer sees, for a and b from -1 to 1: its point (3, 1) and its plane (2, 1)."""
        raise NotImplementedError

    def tint(self, mask: Array, shade: Array, gloss: float | None = None) -> None:
        """Colour the skin where the mask says, and make it shine as much as `gloss` there."""
        marked: Any = np.flatnonzero(mask)
        if len(marked) > len(mask) // 3:  # a mark that covers little is not worth going over the whole skin
            marked = slice(None)
        mask, old = mask[marked], self.albedo[:, marked]
        change = (shade[:, marked] if shade.shape[1] > 1 else shade) - old
        change *= mask
        self.albedo[:, marked] = old + change
        if gloss is not None:
            self.gloss[marked] += mask * (gloss - self.gloss[marked])

    def distance(self, spot: tuple[float, float], radius: float, ragged: float = 0.0) -> Array:
        """From a spot of the skin, in units of `radius`; noise moves it by about `ragged`."""
        from_spot = self.point - self.at(*spot)[0]
        away = length(from_spot) / radius
        return away + ragged * (0.7 * self.coarse + 0.45 * self.mid) if ragged else away

    def dent(self, spot: tuple[float, float], mask: Array, depth: float) -> None:
        """Tilt the skin towards a spot where the mask says, as around a hollow; negative depth makes a hill."""
        towards = self.at(*spot)[1] - self.plane
        towards /= length(towards) + 0.05
        self.normal[:2] += depth * mask * towards

    def wrinkle(self, height: Array, strength: Array | float) -> None:
        """Tilt the skin along the slope of a height that is given for the whole window."""
        self.normal[:2] -= strength * self.board.slopes(height)[:, self.where]

    def lit(self, light: Light, shine: int) -> Array:
        """The colours that the viewer sees, (3, m); a highlight is the smaller the higher `shine` (2 ** shine)."""
        normal = self.normal / length(self.normal)
        facing = light.direction @ normal
        direct = np.clip(0.9 * facing + 0.1, 0, None)
        sky = 0.62 - 0.38 * normal[1]
        half = light.direction + np.array([0, 0, 1.0])
        glint = np.clip((half / np.sqrt((half**2).sum())) @ normal, 0, 1)
        for _ in range(shine):
            glint = glint * glint
        away = 1 - np.clip(normal[2], 0, 1)
        body = self.albedo * self.open * (light.ambient * sky + light.tint * direct)
        return body + self.gloss * (0.9 * glint * light.tint + 0.10 * away * away * away * light.ambient)

    def layer(self, values: Array, board: Canvas) -> Array:
        """Values of the skin (k, m) on a whole, coarser grid, and last how far each point is covered: (k + 1, points).

        A value counts by how far its point is covered.
        """
        finer = self.board.pixels // board.pixels
        dense = np.zeros((len(values) + 1, *self.board.shape))
        flat = dense.reshape(len(dense), -1)
        flat[:-1, self.where], flat[-1, self.where] = values, 1
        rows, columns = (slice(s.start // finer, s.stop // finer) for s in (self.board.rows, self.board.columns))
        whole = np.zeros((len(dense), board.pixels, board.pixels))
        for i in range(finer):
            for j in range(finer):
                whole[:, rows, columns] += dense[:, i::finer, j::finer]
        return whole.reshape(len(dense), -1) / finer**2
