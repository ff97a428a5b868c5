"""Version 2: commands share a gradebook, and a run says how it went. Most gradebooks of version 1 have this already."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add the tables and columns that are not there."""
    there = sa.inspect(op.get_bind())
    tables, columns = there.get_table_names(), {column["name"] for column in there.get_columns("runs")}
    if "commands" not in tables:
        op.create_table(
            "commands",
            sa.Column("id", sa.String(32), primary_key=True),
            sa.Column("place", sa.String(400), nullable=False),
            sa.Column("process", sa.String(50), nullable=False),
            sa.Column("seen", sa.Float, nullable=False),
        )
    if "claims" not in tables:
        op.create_table(
            "claims",
            sa.Column("run", sa.Integer, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
            sa.Column("command", sa.String(32), sa.ForeignKey("commands.id", ondelete="CASCADE"), nullable=False),
        )
        op.create_index("ix_claims_command", "claims", ["command"])
    for column in (
        sa.Column("finished", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("walled", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
        sa.Column("stopped", sa.Text, nullable=False, server_default=""),
        sa.Column("executed", sa.LargeBinary),
    ):
        if column.name not in columns:
            op.add_column("runs", column)
