#include "directory/sqlite_schema.h"

#include "base/defs.h"

/*
 * What the columns mean is in directory/directory.h and directory/secret.h.
 * change has a row for each change of the last day, for directory_poll();
 * it refers to no account, since deletes are told of as well.
 */
static const char *const steps[] = {
	/* 1 */
	"CREATE TABLE account ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL UNIQUE,"
	" hash TEXT NOT NULL,"
	" enabled INTEGER NOT NULL DEFAULT 1,"
	" quota_bytes INTEGER NOT NULL DEFAULT 0,"
	" quota_messages INTEGER NOT NULL DEFAULT 0,"
	" created INTEGER NOT NULL,"
	" last_login INTEGER NOT NULL DEFAULT 0"
	") STRICT;"
	"CREATE TABLE scram ("
	" account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
	" kind INTEGER NOT NULL," /* enum scram_hash */
	" salt BLOB NOT NULL,"
	" iterations INTEGER NOT NULL,"
	" stored_key BLOB NOT NULL,"
	" server_key BLOB NOT NULL,"
	" PRIMARY KEY (account, kind)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE certificate ("
	" name TEXT NOT NULL PRIMARY KEY,"
	" account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX certificate_account ON certificate (account);"
	"CREATE TABLE change ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account INTEGER NOT NULL,"
	" kind INTEGER NOT NULL," /* enum directory_change */
	" time INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE key (value BLOB NOT NULL) STRICT;"
	"INSERT INTO key VALUES (randomblob(32));",
};

/* Each commit is on disk, and what is deleted is gone from it. */
const struct database_format sqlite_format = {
	.pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		   "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON",
	.steps = steps,
	.n = COUNT(steps),
	.application_id = 0x4e77444d, /* for file(1): NwDM */
};

#define ACCOUNT_COLUMNS \
	"a.id, a.name, a.enabled, a.quota_bytes, a.quota_messages," \
	" a.created, a.last_login"

const char *const sqlite_statements[SQL_COUNT] = {
	[SQL_KEY] = "SELECT value FROM key",
	[SQL_FIND] =
	    "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.name = ?1",
	[SQL_FIND_ID] =
	    "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE a.id = ?1",
	[SQL_FIND_CERTIFICATE] =
	    "SELECT " ACCOUNT_COLUMNS " FROM account a JOIN certificate c"
	    " ON c.account = a.id WHERE c.name = ?1",
	[SQL_LIST] = "SELECT " ACCOUNT_COLUMNS
		     " FROM account a WHERE a.name >= ?1 ORDER BY a.name",
	[SQL_ADD] = "INSERT INTO account (name, hash, created)"
		    " VALUES (?1, ?2, ?3)",
	[SQL_SET_HASH] = "UPDATE account SET hash = ?2 WHERE id = ?1",
	[SQL_UPGRADE_HASH] = "UPDATE account SET hash = ?2"
			     " WHERE id = ?1 AND hash = ?3",
	[SQL_SET_ENABLED] = "UPDATE account SET enabled = ?2 WHERE id = ?1",
	[SQL_SET_QUOTA] = "UPDATE account SET quota_bytes = ?2,"
			  " quota_messages = ?3 WHERE id = ?1",
	[SQL_DELETE] = "DELETE FROM account WHERE id = ?1",
	[SQL_HASH] = "SELECT hash FROM account WHERE id = ?1",
	[SQL_DELETE_SCRAM] = "DELETE FROM scram WHERE account = ?1",
	[SQL_ADD_SCRAM] = "INSERT INTO scram (account, kind, salt, iterations,"
			  " stored_key, server_key)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_SCRAM] = "SELECT a.id, s.salt, s.iterations, s.stored_key,"
		      " s.server_key FROM account a JOIN scram s"
		      " ON s.account = a.id WHERE a.name = ?1 AND s.kind = ?2",
	[SQL_ADD_CERTIFICATE] = "INSERT INTO certificate (name, account)"
				" VALUES (?1, ?2)",
	[SQL_DELETE_CERTIFICATE] = "DELETE FROM certificate WHERE name = ?1"
				   " RETURNING account",
	[SQL_CERTIFICATES] = "SELECT name FROM certificate WHERE account = ?1"
			     " ORDER BY name",
	[SQL_SEEN] = "UPDATE account SET last_login = ?2"
		     " WHERE id = ?1 AND last_login <= ?2 - 3600",
	[SQL_NOTE] = "INSERT INTO change (account, kind, time)"
		     " VALUES (?1, ?2, ?3)",
	[SQL_FORGET] = "DELETE FROM change WHERE time < ?1 - 86400",
	[SQL_DATA_VERSION] = "PRAGMA data_version",
	[SQL_CHANGES] = "SELECT number, account, kind FROM change"
			" WHERE number > ?1 ORDER BY number",
	[SQL_CHANGES_BEFORE] = "SELECT coalesce(max(number), 0) FROM change"
			       " WHERE time < ?1",
	[SQL_CHECK] = "PRAGMA quick_check(1)",
	[SQL_CHECK_KEYS] = "PRAGMA foreign_key_check",
};
