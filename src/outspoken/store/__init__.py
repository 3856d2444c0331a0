"""How a discussion is kept: tables, migrations, the writer, one file an entity. The only room with SQL."""
