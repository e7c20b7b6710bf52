#include "engine/incoming.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/deposit.h"
#include "engine/message.h"
#include "engine/session.h"
#include "engine/upload.h"
#include "engine/work.h"

/* A portion is worth the way to another thread and back. */
#define PORTION_BYTES    65536
#define PORTION_MESSAGES 32

/* What the account has of them that is not yet stored. */
#define MADE_MAX ((size_t)4 * 1024 * 1024)

struct made {
	bool taken;
	struct message *message; /* NULL while it is being made */
	uint64_t content;        /* or 0; else the message is the deposit's */
};

struct portion {
	struct work work;    /* the first thing in it */
	struct incoming *in; /* NULL: nobody wants it any more */
	const struct mime_limits *limits;
	struct upload_taken taken;
	struct message **message; /* of each */
};

struct incoming *
incoming_new(struct session *s)
{
	struct incoming *in = MEM_NEW(struct incoming);

	in->session = s;
	in->arena = arena_new();
	return in;
}

void
incoming_free(struct incoming **inp)
{
	struct incoming *in = TAKE(*inp);

	if (in == NULL)
		return;
	for (size_t i = 0; i < in->portions; i++)
		in->portion[i]->in = NULL;
	for (size_t i = 0; i < in->made_n; i++)
		if (in->made[i].content == 0)
			message_free(&in->made[i].message);
	free(in->made);
	for (size_t i = 0; i < in->deposits; i++)
		deposit_free(&in->deposit[i]);
	free(in->deposit);
	upload_free(&in->upload);
	arena_free(&in->arena);
	free(in);
}

static void
portion_free(struct portion **pp)
{
	struct portion *p = TAKE(*pp);

	for (size_t i = 0; i < p->taken.n; i++)
		message_free(&p->message[i]);
	free(p->message);
	upload_taken_clear(&p->taken);
	free(p);
}

static void
make(struct work *work)
{
	struct portion *p = (struct portion *)work;

	for (size_t i = 0; i < p->taken.n; i++)
		p->message[i] =
		    message_new(upload_taken_message(&p->taken, i), p->limits);
}

/* It keeps what there is no room for. */
static void
keep_made(struct incoming *in, struct portion *p)
{
	size_t *total = &in->session->account->summary_bytes;

	for (size_t i = 0; i < p->taken.n && in->st == ST_OK; i++) {
		in->st = message_count(p->message[i], total);
		if (in->st == ST_OK)
			in->made[p->taken.first + i].message =
			    TAKE(p->message[i]);
	}
}

/* Messages that follow one another. */
static void
deposit(struct incoming *in, size_t from, size_t n)
{
	struct message **message = mem_array(n, sizeof(struct message *));
	struct deposit *d;

	for (size_t i = 0; i < n; i++)
		message[i] = in->made[from + i].message;
	if (deposit_new(in->session->account, message, n, &d) == ST_OK) {
		in->deposit = mem_grow(in->deposit, in->deposits,
		    &in->deposits_cap, sizeof(struct deposit *));
		in->deposit[in->deposits++] = d;
		for (size_t i = 0; i < n; i++)
			in->made[from + i].content = deposit_content(d, i);
	}
	free(message);
}

/* Up to the first that is still being made, so that they keep their order. */
static void
deposit_made(struct incoming *in)
{
	while (in->looked_at < in->made_n) {
		size_t from = in->looked_at;
		size_t to = from;

		while (to < in->made_n && in->made[to].message != NULL)
			to++;
		if (to > from)
			deposit(in, from, to - from);
		else if (in->made[to++].taken)
			break;
		in->looked_at = to;
	}
}

static void
forget_portion(struct incoming *in, const struct portion *p)
{
	size_t i = 0;

	while (in->portion[i] != p)
		i++;
	in->portion[i] = in->portion[--in->portions];
}

static void
made_elsewhere(struct work *work)
{
	struct portion *p = (struct portion *)work;
	struct incoming *in = p->in;

	work->account->portions--;
	if (in != NULL) {
		forget_portion(in, p);
		keep_made(in, p);
		if (!in->awaited)
			deposit_made(in);
		else if (in->portions == 0)
			session_wake(in->session);
	}
	portion_free(&p);
}

static struct portion *
portion_new(struct incoming *in)
{
	struct portion *p = MEM_NEW(struct portion);

	p->work.run = make;
	p->work.done = made_elsewhere;
	p->in = in;
	p->limits = &in->session->account->engine->mime;
	upload_take(in->upload, &p->taken);
	p->message = mem_array(p->taken.n, sizeof(struct message *));
	while (in->made_n < p->taken.first + p->taken.n) {
		in->made = mem_grow(in->made, in->made_n, &in->made_cap,
		    sizeof(*in->made));
		in->made[in->made_n] = (struct made){
			.taken = in->made_n >= p->taken.first,
		};
		in->made_n++;
	}
	return p;
}

static void
make_portion(struct incoming *in)
{
	struct account *account = in->session->account;
	struct portion *p = portion_new(in);

	if (account->portions < LIMIT_PORTIONS) {
		account->portions++;
		in->portion[in->portions++] = p;
		work_start(account, WORK_SHORT, &p->work);
	} else {
		make(&p->work);
		keep_made(in, p);
		portion_free(&p);
		deposit_made(in);
	}
}

void
incoming_next(struct incoming *in, uint64_t size)
{
	size_t n;

	upload_end_message(in->upload);
	n = upload_here(in->upload);
	if (n == 0 || in->session->account->summary_bytes >= MADE_MAX)
		return;
	if (n >= PORTION_MESSAGES ||
	    upload_here_bytes(in->upload) >= PORTION_BYTES ||
	    upload_here_bytes(in->upload) + size > UPLOAD_MEMORY)
		make_portion(in);
}

bool
incoming_took(const struct incoming *in, size_t i)
{
	return in != NULL && i < in->made_n && in->made[i].taken;
}

bool
incoming_all_made(struct incoming *in)
{
	in->awaited = in->portions > 0;
	return !in->awaited;
}

struct message *
incoming_message(const struct incoming *in, size_t i)
{
	assert(in->st == ST_OK && in->made[i].message != NULL);
	return in->made[i].message;
}

uint64_t
incoming_content(const struct incoming *in, size_t i)
{
	return in->made[i].content;
}

enum status
incoming_use(struct incoming *in, struct change *c)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < in->deposits && st == ST_OK; i++)
		st = deposit_status(in->deposit[i]);
	for (size_t i = 0; i < in->deposits && st == ST_OK; i++)
		deposit_use(in->deposit[i], c);
	return st;
}
