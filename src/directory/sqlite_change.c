#include "base/clock.h"
#include "directory/sqlite.h"
#include "directory/sqlite_schema.h"

/* ST_NOTFOUND if the statement found nothing to change. */
static enum status
change(struct sqlite *s, sqlite3_stmt *q)
{
	enum status st = database_run(&s->db, q);

	if (st == ST_OK && sqlite3_changes(s->db.db) == 0)
		return ST_NOTFOUND;
	return st;
}

/* For those who poll; within the transaction of the change. */
static enum status
note(struct sqlite *s, uint64_t id, enum directory_change c)
{
	uint64_t now = (uint64_t)clock_wall();
	sqlite3_stmt *q = sqlite_id(s, SQL_NOTE, id);
	enum status st;

	database_bind_u64(q, 2, c);
	database_bind_u64(q, 3, now);
	st = database_run(&s->db, q);
	if (st != ST_OK)
		return st;
	return database_run(&s->db, sqlite_id(s, SQL_FORGET, now));
}

static enum status
put_scram(struct sqlite *s, uint64_t id, const struct secret *secret)
{
	enum status st;

	st = database_run(&s->db, sqlite_id(s, SQL_DELETE_SCRAM, id));
	for (int h = 0; secret->has_scram && h < SCRAM_HASHES; h++) {
		const struct scram_keys *k = &secret->scram[h];
		size_t bytes = scram_key_bytes((enum scram_hash)h);
		sqlite3_stmt *q;

		if (st != ST_OK)
			return st;
		q = sqlite_id(s, SQL_ADD_SCRAM, id);
		database_bind_u64(q, 2, (uint64_t)h);
		database_bind_blob(q, 3, k->salt, k->salt_n);
		database_bind_u64(q, 4, k->iterations);
		database_bind_blob(q, 5, k->stored_key, bytes);
		database_bind_blob(q, 6, k->server_key, bytes);
		st = database_run(&s->db, q);
	}
	return st;
}

enum status
sqlite_add(struct directory *d, struct span name, const struct secret *secret,
    uint64_t *out_id)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	sqlite3_stmt *q;
	uint64_t id = 0;

	if (st != ST_OK)
		return st;
	q = sqlite_text(s, SQL_ADD, name);
	database_bind_text(q, 2, span_str(secret->hash));
	database_bind_u64(q, 3, (uint64_t)clock_wall());
	st = database_run(&s->db, q);
	if (st == ST_OK) {
		id = (uint64_t)sqlite3_last_insert_rowid(s->db.db);
		st = put_scram(s, id, secret);
	}
	if (st == ST_OK)
		st = database_commit(&tx);
	if (st == ST_OK)
		*out_id = id;
	return st;
}

/* Runs a statement that changes one account, tells of it, and commits. */
static enum status
change_and_note(struct sqlite *s, struct database_tx *tx, sqlite3_stmt *q,
    uint64_t id, enum directory_change c)
{
	enum status st = change(s, q);

	if (st == ST_OK)
		st = note(s, id, c);
	return st == ST_OK ? database_commit(tx) : st;
}

enum status
sqlite_set_secret(struct directory *d, uint64_t id, const struct secret *secret)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	sqlite3_stmt *q;

	if (st != ST_OK)
		return st;
	q = sqlite_id(s, SQL_SET_HASH, id);
	database_bind_text(q, 2, span_str(secret->hash));
	st = change(s, q);
	if (st == ST_OK)
		st = put_scram(s, id, secret);
	if (st == ST_OK)
		st = note(s, id, CHANGE_LOGIN);
	return st == ST_OK ? database_commit(&tx) : st;
}

enum status
sqlite_upgrade(struct directory *d, uint64_t id, const char *was,
    const struct secret *secret)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	sqlite3_stmt *q;

	if (st != ST_OK)
		return st;
	q = sqlite_id(s, SQL_UPGRADE_HASH, id);
	database_bind_text(q, 2, span_str(secret->hash));
	database_bind_text(q, 3, span_str(was));
	st = change(s, q);
	if (st == ST_NOTFOUND)
		return ST_OK;
	if (st == ST_OK)
		st = put_scram(s, id, secret);
	return st == ST_OK ? database_commit(&tx) : st;
}

enum status
sqlite_set_enabled(struct directory *d, uint64_t id, bool on)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	sqlite3_stmt *q;

	if (st != ST_OK)
		return st;
	q = sqlite_id(s, SQL_SET_ENABLED, id);
	database_bind_u64(q, 2, on);
	return change_and_note(s, &tx, q, id, CHANGE_LOGIN);
}

enum status
sqlite_set_quota(struct directory *d, uint64_t id, uint64_t bytes,
    uint64_t messages)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	sqlite3_stmt *q;

	if (st != ST_OK)
		return st;
	q = sqlite_id(s, SQL_SET_QUOTA, id);
	database_bind_u64(q, 2, bytes);
	database_bind_u64(q, 3, messages);
	return change_and_note(s, &tx, q, id, CHANGE_LIMITS);
}

enum status
sqlite_delete(struct directory *d, uint64_t id)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);

	if (st != ST_OK)
		return st;
	return change_and_note(s, &tx, sqlite_id(s, SQL_DELETE, id), id,
	    CHANGE_LOGIN);
}

enum status
sqlite_certificate_add(struct directory *d, uint64_t id,
    struct span certificate)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	struct account a;
	sqlite3_stmt *q;

	if (st == ST_OK)
		st = directory_find_id(d, id, &a);
	if (st != ST_OK)
		return st;
	q = sqlite_text(s, SQL_ADD_CERTIFICATE, certificate);
	database_bind_u64(q, 2, id);
	return change_and_note(s, &tx, q, id, CHANGE_LIMITS);
}

enum status
sqlite_certificate_remove(struct directory *d, struct span certificate)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);
	sqlite3_stmt *q;
	uint64_t id;

	if (st != ST_OK)
		return st;
	q = sqlite_text(s, SQL_DELETE_CERTIFICATE, certificate);
	st = database_row(&s->db, q);
	if (st != ST_OK)
		return st;
	id = database_column_u64(q, 0);
	st = database_run(&s->db, q);
	if (st == ST_OK)
		st = note(s, id, CHANGE_LOGIN);
	return st == ST_OK ? database_commit(&tx) : st;
}

enum status
sqlite_seen(struct directory *d, const uint64_t *ids, size_t n, int64_t wall)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	struct sqlite *s = sqlite_self(d);
	enum status st = database_begin(&tx, &s->db);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		sqlite3_stmt *q = sqlite_id(s, SQL_SEEN, ids[i]);

		database_bind_u64(q, 2, (uint64_t)wall);
		st = database_run(&s->db, q);
	}
	return st == ST_OK ? database_commit(&tx) : st;
}
