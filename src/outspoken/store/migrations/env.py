"""How Alembic runs inside the program: on the connection it is handed, in one transaction."""

from alembic import context

from outspoken.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
