#include "directory/sqlite.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "directory/sqlite_schema.h"

#define FILE_NAME "directory.db"

/* Seconds. */
#define REWIND 600

sqlite3_stmt *
sqlite_statement(struct sqlite *s, size_t i)
{
	return database_statement(&s->db, i);
}

sqlite3_stmt *
sqlite_id(struct sqlite *s, size_t i, uint64_t id)
{
	sqlite3_stmt *q = sqlite_statement(s, i);

	database_bind_u64(q, 1, id);
	return q;
}

sqlite3_stmt *
sqlite_text(struct sqlite *s, size_t i, struct span text)
{
	sqlite3_stmt *q = sqlite_statement(s, i);

	database_bind_text(q, 1, text);
	return q;
}

/* Copies what has a bound that was kept when it was stored. */
static size_t
copy_column(sqlite3_stmt *q, int at, void *out, size_t cap)
{
	return span_copy(out, cap, database_column(q, at));
}

static void
read_account(sqlite3_stmt *q, struct account *a)
{
	*a = (struct account){ .id = database_column_u64(q, 0),
		.enabled = database_column_u64(q, 2) != 0,
		.quota_bytes = database_column_u64(q, 3),
		.quota_messages = database_column_u64(q, 4),
		.created_wall = (int64_t)database_column_u64(q, 5),
		.last_login_wall = (int64_t)database_column_u64(q, 6) };
	copy_column(q, 1, a->name, LIMIT_USER_NAME);
}

static enum status
read_one(struct sqlite *s, sqlite3_stmt *q, struct account *out)
{
	enum status st = database_row(&s->db, q);

	if (st != ST_OK)
		return st;
	read_account(q, out);
	database_reset(&q);
	return ST_OK;
}

static enum status
sqlite_find(struct directory *d, struct span name, struct account *out)
{
	return read_one(sqlite_self(d),
	    sqlite_text(sqlite_self(d), SQL_FIND, name), out);
}

static enum status
sqlite_find_id(struct directory *d, uint64_t id, struct account *out)
{
	return read_one(sqlite_self(d),
	    sqlite_id(sqlite_self(d), SQL_FIND_ID, id), out);
}

static enum status
sqlite_find_certificate(struct directory *d, struct span certificate,
    struct account *out)
{
	return read_one(sqlite_self(d),
	    sqlite_text(sqlite_self(d), SQL_FIND_CERTIFICATE, certificate),
	    out);
}

static enum status
sqlite_list(struct directory *d, struct span prefix, directory_visit_fn *fn,
    void *ctx)
{
	CLEANUP(database_reset)
	sqlite3_stmt *q = sqlite_text(sqlite_self(d), SQL_LIST, prefix);
	struct account a;
	enum status st;

	while ((st = database_row(&sqlite_self(d)->db, q)) == ST_OK) {
		read_account(q, &a);
		if (!span_starts(span_str(a.name), prefix) || !fn(ctx, &a))
			return ST_OK;
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status
sqlite_certificates(struct directory *d, uint64_t id,
    directory_certificate_fn *fn, void *ctx)
{
	CLEANUP(database_reset)
	sqlite3_stmt *q = sqlite_id(sqlite_self(d), SQL_CERTIFICATES, id);
	enum status st;

	while ((st = database_row(&sqlite_self(d)->db, q)) == ST_OK)
		if (!fn(ctx, database_column(q, 0)))
			return ST_OK;
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Logins */

static enum status
sqlite_hash(struct directory *d, uint64_t id, char out[SECRET_HASH_MAX])
{
	struct sqlite *s = sqlite_self(d);
	sqlite3_stmt *q = sqlite_id(s, SQL_HASH, id);
	enum status st = database_row(&s->db, q);

	if (st != ST_OK)
		return st;
	out[copy_column(q, 0, out, SECRET_HASH_MAX - 1)] = '\0';
	database_reset(&q);
	return ST_OK;
}

static enum status
sqlite_scram(struct directory *d, struct span name, enum scram_hash h,
    struct scram_keys *out, uint64_t *out_id)
{
	struct sqlite *s = sqlite_self(d);
	sqlite3_stmt *q = sqlite_text(s, SQL_SCRAM, name);
	enum status st;

	database_bind_u64(q, 2, h);
	st = database_row(&s->db, q);
	if (st != ST_OK)
		return st;
	*out = (struct scram_keys){ .iterations =
					(uint32_t)database_column_u64(q, 2) };
	out->salt_n = copy_column(q, 1, out->salt, sizeof(out->salt));
	copy_column(q, 3, out->stored_key, scram_key_bytes(h));
	copy_column(q, 4, out->server_key, scram_key_bytes(h));
	*out_id = database_column_u64(q, 0);
	database_reset(&q);
	return ST_OK;
}

static enum status
read_number(struct sqlite *s, sqlite3_stmt *q, uint64_t *out)
{
	enum status st = database_row(&s->db, q);

	if (st != ST_OK)
		return st;
	*out = database_column_u64(q, 0);
	database_reset(&q);
	return ST_OK;
}

/* A change that is committed in between is found again by the next poll. */
static enum status
sqlite_poll(struct directory *d, directory_change_fn *fn, void *ctx)
{
	CLEANUP(database_reset) sqlite3_stmt *q = NULL;
	struct sqlite *s = sqlite_self(d);
	uint64_t version = 0;
	enum status st;

	st = read_number(s, sqlite_statement(s, SQL_DATA_VERSION), &version);
	if (st != ST_OK || version == s->data_version)
		return st;
	q = sqlite_id(s, SQL_CHANGES, s->last_change);
	while ((st = database_row(&s->db, q)) == ST_OK) {
		s->last_change = database_column_u64(q, 0);
		fn(ctx, database_column_u64(q, 1),
		    (enum directory_change)database_column_u64(q, 2));
	}
	if (st != ST_NOTFOUND)
		return st;
	s->data_version = version;
	return ST_OK;
}

static enum status
sqlite_rewind(struct directory *d)
{
	uint64_t since = (uint64_t)(clock_wall() - REWIND);
	struct sqlite *s = sqlite_self(d);

	s->data_version = 0;
	return read_number(s, sqlite_id(s, SQL_CHANGES_BEFORE, since),
	    &s->last_change);
}

/* Opening and closing */

static enum status
sqlite_verify(struct directory *d)
{
	struct sqlite *s = sqlite_self(d);
	sqlite3_stmt *q = sqlite_statement(s, SQL_CHECK);
	enum status st = database_row(&s->db, q);
	bool good;

	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_IO : st;
	good = span_eq(database_column(q, 0), SPAN("ok"));
	if (!good)
		log_event(d->log, LEVEL_ERROR, "directory.database.corrupt",
		    LF_SPAN("error", database_column(q, 0)));
	database_reset(&q);
	if (!good)
		return ST_CORRUPT;
	q = sqlite_statement(s, SQL_CHECK_KEYS);
	st = database_row(&s->db, q);
	if (st == ST_NOTFOUND)
		return ST_OK;
	if (st != ST_OK)
		return st;
	log_event(d->log, LEVEL_ERROR, "directory.database.corrupt",
	    LF_SPAN("table", database_column(q, 0)));
	database_reset(&q);
	return ST_CORRUPT;
}

static void
sqlite_close(struct directory *d)
{
	struct sqlite *s = sqlite_self(d);

	database_close(&s->db);
	explicit_bzero(d->key, sizeof(d->key));
	mem_free(&s);
}

static const struct directory_ops ops = {
	.close = sqlite_close,
	.verify = sqlite_verify,
	.find = sqlite_find,
	.find_id = sqlite_find_id,
	.find_certificate = sqlite_find_certificate,
	.list = sqlite_list,
	.add = sqlite_add,
	.set_secret = sqlite_set_secret,
	.set_enabled = sqlite_set_enabled,
	.set_quota = sqlite_set_quota,
	.delete = sqlite_delete,
	.certificate_add = sqlite_certificate_add,
	.certificate_remove = sqlite_certificate_remove,
	.certificates = sqlite_certificates,
	.hash = sqlite_hash,
	.scram = sqlite_scram,
	.upgrade = sqlite_upgrade,
	.seen = sqlite_seen,
	.poll = sqlite_poll,
	.rewind = sqlite_rewind,
};

/* What is kept in memory from the start. */
static enum status
load(struct sqlite *s)
{
	sqlite3_stmt *q = sqlite_statement(s, SQL_KEY);
	enum status st = database_row(&s->db, q);
	size_t n;

	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_CORRUPT : st;
	n = copy_column(q, 0, s->base.key, sizeof(s->base.key));
	database_reset(&q);
	if (n != sizeof(s->base.key))
		return ST_CORRUPT;
	return sqlite_rewind(&s->base);
}

enum status
directory_sqlite_open(const struct directory_options *o, struct directory **out)
{
	CLEANUP(buf_clear) struct buf path = { 0 };
	struct sqlite *s = MEM_NEW(struct sqlite);
	enum status st;

	buf_printf(&path, "%s/" FILE_NAME, o->path);
	buf_byte(&path, '\0');
	s->base =
	    (struct directory){ .ops = &ops, .costs = o->costs, .log = o->log };
	s->db.log = o->log;
	st = database_open(&s->db, (const char *)path.p, o->create,
	    &sqlite_format);
	if (st == ST_OK) {
		database_statements(&s->db, sqlite_statements, SQL_COUNT);
		st = load(s);
	}
	if (st != ST_OK) {
		sqlite_close(&s->base);
		return st;
	}
	*out = &s->base;
	return ST_OK;
}
