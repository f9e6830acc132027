"""A file is kept for each view that uses it, and may be larger than two gigabytes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.execute('update "file" set view = 0 where view is null')
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_constraint("pk_file", type_="primary")
        batch_op.alter_column("view", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("size", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
        batch_op.create_primary_key("pk_file", ["item", "role", "path", "view"])


def downgrade() -> None:
    """Take this step back; of a file that several views use, the row of the first stays."""
    op.execute(
        'delete from "file" where exists (select 1 from "file" as other where other.item = "file".item'
        ' and other.role = "file".role and other.path = "file".path and other.view < "file".view)'
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_constraint("pk_file", type_="primary")
        batch_op.alter_column("size", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False)
        batch_op.create_primary_key("pk_file", ["item", "role", "path"])
        batch_op.alter_column("view", existing_type=sa.Integer(), nullable=True)
    op.execute('update "file" set view = null where view = 0')
