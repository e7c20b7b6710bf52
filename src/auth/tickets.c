#include "auth/tickets.h"

#include "auth/table.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"

struct tickets {
	struct table *table;
};

struct ticket {
	uint64_t account;
	int64_t until_ms;
};

struct tickets *
tickets_new(void)
{
	struct tickets *t = MEM_NEW(struct tickets);

	t->table = table_new(LIMIT_TICKETS, sizeof(struct ticket));
	return t;
}

void
tickets_free(struct tickets **t)
{
	if (*t == NULL)
		return;
	table_free(&(*t)->table);
	mem_free(t);
}

void
tickets_issue(struct tickets *t, uint64_t account, int64_t now_ms,
    unsigned char out[TICKET_BYTES])
{
	struct ticket *e;

	random_bytes(out, TICKET_BYTES);
	e = table_put(t->table,
	    table_key_of(t->table, 0, span_of(out, TICKET_BYTES)));
	e->account = account;
	e->until_ms = now_ms + LIMIT_TICKET_MS;
}

uint64_t
tickets_redeem(struct tickets *t, struct span ticket, int64_t now_ms)
{
	struct table_key k = table_key_of(t->table, 0, ticket);
	struct ticket *e = table_find(t->table, k);
	uint64_t account;

	if (e == NULL)
		return 0;
	account = now_ms < e->until_ms ? e->account : 0;
	table_remove(t->table, k);
	return account;
}
