"""Version 1: the first gradebooks, which do not say that they are."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """Nothing comes before it."""
