"""Keep what a watch knows in a database: SQLite where one machine writes, PostgreSQL where several do."""
