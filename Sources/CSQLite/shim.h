// What the History module uses of SQLite, by its own header.
#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a macro with a cast, which Swift does not see: SQLite copies the text or the bytes.
static inline int energyd_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length)
{
	return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int energyd_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length)
{
	return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}
