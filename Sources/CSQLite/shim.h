// What the History module uses of SQLite, by its own header.
#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a macro with a cast, which Swift does not see: SQLite copies the text or the bytes.
static inline int energyd_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length)
{
	return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

// What a file from elsewhere may not make SQLite do: run triggers, views or functions of its schema, be written to by way of
// its own pages, or have texts of more than 1 MiB.
static inline int energyd_sqlite_distrust(sqlite3 *database)
{
	sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
	int result = sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
	if (result == SQLITE_OK)
		result = sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
	if (result == SQLITE_OK)
		result = sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
	if (result == SQLITE_OK)
		result = sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)0);
	return result;
}

static inline int energyd_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length)
{
	return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}
