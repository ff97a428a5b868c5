"""Version 3: a gradebook has several draws of its inputs, and a run says which it gets."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Every run had the first draw. What was observed of references is of one draw, and judged otherwise: it goes."""
    op.add_column("runs", sa.Column("draw", sa.Integer, nullable=False, server_default="0"))
    op.execute("DELETE FROM expected")
