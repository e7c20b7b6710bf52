#include "database/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "database/steady.h"

/* For as long as another process may hold the right to write. */
#define BUSY_MS 10000

static enum status
status_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
		return ST_OK;
	case SQLITE_DONE:
		return ST_NOTFOUND;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ST_CORRUPT;
	default:
		return ST_IO;
	}
}

static enum status
failed(struct database *b, const char *doing, int rc)
{
	/* NULL also if there is a handle whose file couldn't be opened. */
	const char *path =
	    b->db != NULL ? sqlite3_db_filename(b->db, "main") : NULL;

	log_event(b->log, LEVEL_ERROR, "database.failed",
	    LF_STR("path", path != NULL ? path : ""), LF_STR("doing", doing),
	    LF_STR("error",
		b->db != NULL ? sqlite3_errmsg(b->db) : sqlite3_errstr(rc)));
	return status_of(rc) == ST_CORRUPT ? ST_CORRUPT : ST_IO;
}

static enum status
execute(struct database *b, const char *sql)
{
	int rc = sqlite3_exec(b->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ST_OK : failed(b, sql, rc);
}

/*
 * The file is for the user of the folder alone, also when root makes it on
 * that user's behalf; SQLite gives its other files the same mode and owner.
 */
static enum status
make_file(struct database *b, const char *path)
{
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/');
	struct stat info;
	bool good;
	int fd;

	if (slash != NULL)
		*slash = '\0';
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	good = fd != -1 && stat(slash == NULL ? "." : folder, &info) == 0;
	if (good && geteuid() == 0)
		good = fchown(fd, info.st_uid, info.st_gid) == 0;
	if (!good)
		log_event(b->log, LEVEL_ERROR, "database.file.failed",
		    LF_STR("path", path), LF_STR("error", strerror(errno)));
	if (fd != -1)
		close(fd);
	mem_free(&folder);
	return good ? ST_OK : ST_IO;
}

static enum status
read_format(struct database *b, int *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(b->db, "PRAGMA user_version", -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW ? ST_OK : failed(b, "PRAGMA user_version", rc);
}

/* In a transaction: two programs may open an old file at once. */
static enum status
upgrade(struct database *b, const struct database_format *f)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	enum status st = database_begin(&tx, b);
	char pragma[100];
	int format = 0;

	if (st == ST_OK)
		st = read_format(b, &format);
	for (; st == ST_OK && format < f->n; format++)
		st = execute(b, f->steps[format]);
	snprintf(pragma, sizeof(pragma),
	    "PRAGMA user_version=%d; PRAGMA application_id=%d", format,
	    (int)f->application_id);
	if (st == ST_OK)
		st = execute(b, pragma);
	return st == ST_OK ? database_commit(&tx) : st;
}

static enum status
check_format(struct database *b, const char *path,
    const struct database_format *f)
{
	enum status st;
	int format = 0;

	st = read_format(b, &format);
	if (st != ST_OK)
		return st;
	if (format == f->n)
		return ST_OK;
	if (format < f->n)
		return upgrade(b, f);
	log_event(b->log, LEVEL_ERROR, "database.format.newer",
	    LF_STR("path", path), LF_U64("format", (uint64_t)format),
	    LF_U64("known", (uint64_t)f->n));
	return ST_BAD;
}

static enum status
prepare(struct database *b, const struct database_format *f)
{
	enum status st;
	int ok;

	sqlite3_extended_result_codes(b->db, 1);
	sqlite3_busy_timeout(b->db, BUSY_MS);
	sqlite3_db_config(b->db, SQLITE_DBCONFIG_DEFENSIVE, 1, &ok);
	st = execute(b, "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY");
	return st == ST_OK ? execute(b, f->pragmas) : st;
}

enum status
database_open(struct database *b, const char *path, bool create,
    const struct database_format *f)
{
	enum status st = ST_OK;
	int rc;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		st = create ? make_file(b, path) : ST_NOTFOUND;
	if (st != ST_OK)
		return st;
	rc = sqlite3_open_v2(path, &b->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	    f->steady ? steady_vfs() : NULL);
	st = rc == SQLITE_OK ? prepare(b, f) : failed(b, path, rc);
	if (st == ST_OK)
		st = check_format(b, path, f);
	if (st != ST_OK)
		database_close(b);
	return st;
}

void
database_statements(struct database *b, const char *const *sql, size_t n)
{
	b->sql = sql;
	b->made = mem_array(n, sizeof(void *));
	b->n = n;
}

void
database_close(struct database *b)
{
	for (size_t i = 0; i < b->n; i++)
		sqlite3_finalize(b->made[i]);
	mem_free(&b->made);
	b->n = 0;
	sqlite3_close(b->db);
	b->db = NULL;
}

sqlite3_stmt *
database_statement(struct database *b, size_t i)
{
	int rc;

	if (b->made[i] != NULL)
		return b->made[i];
	rc = sqlite3_prepare_v3(b->db, b->sql[i], -1, SQLITE_PREPARE_PERSISTENT,
	    &b->made[i], NULL);
	if (rc != SQLITE_OK)
		(void)failed(b, b->sql[i], rc);
	return b->made[i];
}

enum status
database_row(struct database *b, sqlite3_stmt *s)
{
	enum status st;
	int rc;

	if (s == NULL)
		return ST_IO;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		return ST_OK;
	st = ST_NOTFOUND;
	if (rc == SQLITE_CONSTRAINT_UNIQUE ||
	    rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		st = ST_EXISTS;
	else if (rc != SQLITE_DONE)
		st = failed(b, sqlite3_sql(s), rc);
	database_reset(&s);
	return st;
}

enum status
database_run(struct database *b, sqlite3_stmt *s)
{
	enum status st = database_row(b, s);

	return st == ST_NOTFOUND ? ST_OK : st;
}

void
database_reset(sqlite3_stmt **s)
{
	if (*s == NULL)
		return;
	sqlite3_reset(*s);
	sqlite3_clear_bindings(*s);
	*s = NULL;
}

void
database_bind_u64(sqlite3_stmt *s, int at, uint64_t v)
{
	if (s != NULL)
		sqlite3_bind_int64(s, at, (sqlite3_int64)v);
}

void
database_bind_text(sqlite3_stmt *s, int at, struct span v)
{
	if (s != NULL)
		sqlite3_bind_text64(s, at, (const char *)v.p, v.n,
		    SQLITE_STATIC, SQLITE_UTF8);
}

void
database_bind_blob(sqlite3_stmt *s, int at, const void *p, size_t n)
{
	if (s != NULL)
		sqlite3_bind_blob64(s, at, p, n, SQLITE_STATIC);
}

struct span
database_column(sqlite3_stmt *s, int at)
{
	const void *p = sqlite3_column_blob(s, at);

	return span_of(p, (size_t)sqlite3_column_bytes(s, at));
}

uint64_t
database_column_u64(sqlite3_stmt *s, int at)
{
	return (uint64_t)sqlite3_column_int64(s, at);
}

static enum status
begin(struct database_tx *tx, struct database *b, const char *sql)
{
	enum status st = execute(b, sql);

	if (st == ST_OK)
		tx->b = b;
	return st;
}

enum status
database_begin(struct database_tx *tx, struct database *b)
{
	return begin(tx, b, "BEGIN IMMEDIATE");
}

enum status
database_begin_read(struct database_tx *tx, struct database *b)
{
	return begin(tx, b, "BEGIN");
}

enum status
database_commit(struct database_tx *tx)
{
	enum status st = execute(tx->b, "COMMIT");

	if (st == ST_OK)
		tx->b = NULL;
	return st;
}

void
database_rollback(struct database_tx *tx)
{
	if (tx->b != NULL && !sqlite3_get_autocommit(tx->b->db))
		(void)execute(tx->b, "ROLLBACK");
	tx->b = NULL;
}
