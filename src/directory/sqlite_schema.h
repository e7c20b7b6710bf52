#ifndef DIRECTORY_SQLITE_SCHEMA_H
#define DIRECTORY_SQLITE_SCHEMA_H

#include "database/database.h"

/* The tables of the directory, and every statement on them. */
extern const struct database_format sqlite_format;

enum {
	SQL_KEY,
	SQL_FIND,
	SQL_FIND_ID,
	SQL_FIND_CERTIFICATE,
	SQL_LIST,
	SQL_ADD,
	SQL_SET_HASH,
	SQL_UPGRADE_HASH,
	SQL_SET_ENABLED,
	SQL_SET_QUOTA,
	SQL_DELETE,
	SQL_HASH,
	SQL_DELETE_SCRAM,
	SQL_ADD_SCRAM,
	SQL_SCRAM,
	SQL_ADD_CERTIFICATE,
	SQL_DELETE_CERTIFICATE,
	SQL_CERTIFICATES,
	SQL_SEEN,
	SQL_NOTE,
	SQL_FORGET,
	SQL_DATA_VERSION,
	SQL_CHANGES,
	SQL_CHANGES_BEFORE,
	SQL_CHECK,
	SQL_CHECK_KEYS,
	SQL_COUNT,
};

extern const char *const sqlite_statements[SQL_COUNT];

#endif
