#include <inttypes.h>
#include <stdio.h>

#include "base/pack.h"
#include "store/rocks/walk.h"

/*
 * Reads every family from end to end in stretches, each up to the end of an
 * account, so that a fault hides no more than the rest of its stretch.
 */
struct check {
	struct rocks *r;
	void (*problem)(void *ctx, const char *line);
	void *ctx;
	size_t problems;
	uint64_t account; /* of the stretch; UINT64_MAX behind the last */
	uint64_t orphan;  /* the last that was reported */

	/* The body whose pieces are being counted. */
	uint64_t body;
	uint64_t size;
	uint64_t seen; /* bytes of it */
	struct buf room;
};

typedef void see_fn(struct check *c, struct span key, struct span value);

static void PRINTF(2, 3) report(struct check *c, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	c->problem(c->ctx, line);
	c->problems++;
}

static void
see_version(struct check *c, struct span key, struct span value)
{
	struct unpack u = unpack_over(value);
	uint64_t account;

	if (!key_read_account(key, &account) || key.n != KEY_ACCOUNT_BYTES ||
	    unpack_u64(&u) == 0 || !unpack_end(&u))
		report(c, "versions: malformed entry");
}

/*
 * What no account has.  The account may have been made or erased since the
 * walk began: so it is looked at again.
 */
static bool
is_orphan(struct check *c, enum family family, struct span key)
{
	struct key k = { .n = key.n };
	rocksdb_pinnableslice_t *p = NULL;
	uint64_t account, version;

	if (!key_read_account(key, &account) || key.n > sizeof(k.p))
		return true;
	if (account == c->account ||
	    rocks_get_version(c->r, account, &version) != ST_OK || version != 0)
		return false;
	memcpy(k.p, key.p, key.n);
	if (rocks_pin(c->r, family, &k, &p) != ST_OK)
		return false;
	rocksdb_pinnableslice_destroy(p);
	return true;
}

static void
report_orphan(struct check *c, const char *what, struct span key)
{
	uint64_t account = 0;

	(void)key_read_account(key, &account);
	if (account == c->orphan)
		return;
	c->orphan = account;
	report(c, "account %" PRIu64 ": %s without a version", account, what);
}

static void
see_record(struct check *c, struct span key, struct span value)
{
	(void)value;
	if (is_orphan(c, RECORDS, key))
		report_orphan(c, "records", key);
}

static void
end_body(struct check *c)
{
	if (c->seen != c->size)
		report(c,
		    "account %" PRIu64 ": body %" PRIu64 ": %" PRIu64
		    " of %" PRIu64 " bytes",
		    c->account, c->body, c->seen, c->size);
	c->size = c->seen = 0;
}

/* So many more bytes of the body, if the piece has them. */
static bool
see_bytes(struct check *c, struct span piece, uint64_t size)
{
	struct span bytes;

	if (!piece_view(piece, (size_t)size, &c->room, &bytes))
		return false;
	c->seen += size;
	return true;
}

static void
begin_body(struct check *c, uint64_t body, struct span key, struct span value)
{
	struct body_head head;

	end_body(c);
	if (is_orphan(c, BODIES, key)) {
		report_orphan(c, "bodies", key);
		return;
	}
	if (!body_unpack(value, &head) ||
	    (!body_is_long(head.size) &&
		!see_bytes(c, head.piece, head.size))) {
		report(c, "account %" PRIu64 ": body %" PRIu64 ": malformed",
		    c->account, body);
		return;
	}
	c->body = body;
	c->size = head.size;
}

/* Pieces of no body are no fault: a crash may leave them. */
static void
see_piece(struct check *c, struct span key, struct span value)
{
	struct unpack u = unpack_over(span_from(key, KEY_ACCOUNT_BYTES));
	uint64_t body = unpack_be64(&u);
	uint32_t piece = unpack_be32(&u);

	if (!unpack_end(&u))
		report(c, "bodies: malformed key");
	else if (piece == 0)
		begin_body(c, body, key, value);
	else if (body == c->body && c->seen < c->size &&
		 piece == c->seen / STORE_BODY_STEP + 1)
		(void)see_bytes(c, value,
		    MIN(c->size - c->seen, (uint64_t)STORE_BODY_STEP));
}

/* What RocksDB found wrong, to be freed; or NULL. */
static char *
scan_once(struct check *c, const struct walk_range *range, see_fn *see)
{
	struct walk w;
	char *error;

	c->size = c->seen = 0;
	for (walk_begin(&w, c->r, range); walk_on(&w); walk_next(&w))
		see(c, walk_key(&w), walk_value(&w));
	error = walk_error(&w);
	(void)walk_end(&w);
	if (error == NULL)
		end_body(c);
	return error;
}

static void
scan(struct check *c, const struct walk_range *range, see_fn *see)
{
	char *error;

	if (!rocks_enter(c->r)) {
		report(c, "the database can't be opened");
		return;
	}
	error = scan_once(c, range, see);
	rocks_leave(c->r);
	if (error != NULL)
		report(c, "account %" PRIu64 ": %s: %s", c->account,
		    c->r->tuning->names[range->family], error);
	rocksdb_free(error);
}

/* The first account at or after a key; UINT64_MAX if there is none. */
static uint64_t
next_account(struct check *c, const struct key *from)
{
	struct walk_range range = {
		.family = VERSIONS,
		.kind = WALK_ALL,
		.from = *from,
		.to = key_account(UINT64_MAX),
	};
	uint64_t account = UINT64_MAX;
	struct walk w;

	if (!rocks_enter(c->r))
		return account;
	walk_begin(&w, c->r, &range);
	if (walk_on(&w))
		(void)key_read_account(walk_key(&w), &account);
	(void)walk_end(&w);
	rocks_leave(c->r);
	return account;
}

static void
scan_accounts(struct check *c, enum family family, see_fn *see)
{
	struct walk_range range = {
		.family = family,
		.kind = WALK_ALL,
		.from = key_account(0),
	};

	c->orphan = UINT64_MAX;
	do {
		c->account = next_account(c, &range.from);
		range.to = key_account(MIN(c->account, UINT64_MAX - 1) + 1);
		scan(c, &range, see);
		range.from = range.to;
	} while (c->account != UINT64_MAX);
}

enum status
rocks_check(struct store *s, void (*problem)(void *ctx, const char *line),
    void *ctx)
{
	struct check c = {
		.r = rocks_of(s),
		.problem = problem,
		.ctx = ctx,
		.account = UINT64_MAX,
	};
	const struct walk_range versions = {
		.family = VERSIONS,
		.kind = WALK_ALL,
		.from = key_account(0),
		.to = key_account(UINT64_MAX),
	};

	scan(&c, &versions, see_version);
	scan_accounts(&c, RECORDS, see_record);
	scan_accounts(&c, BODIES, see_piece);
	buf_clear(&c.room);
	return c.problems == 0 ? ST_OK : ST_CORRUPT;
}
