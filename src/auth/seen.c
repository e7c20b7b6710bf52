#include "auth/seen.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

struct seen {
	struct work work;
	struct workers *workers;
	bool writing;
	enum status result; /* logged there; what is lost is but a time */
	size_t n;
	size_t n_writing;
	uint64_t gathered[LIMIT_SEEN];
	uint64_t written[LIMIT_SEEN];
};

static void
run(struct work *w, struct directory *d)
{
	struct seen *s = (struct seen *)w;

	s->result = directory_seen(d, s->written, s->n_writing, clock_wall());
}

static void
done(struct work *w)
{
	((struct seen *)w)->writing = false;
}

struct seen *
seen_new(struct workers *w)
{
	struct seen *s = MEM_NEW(struct seen);

	s->workers = w;
	s->work.run = run;
	s->work.done = done;
	return s;
}

void
seen_free(struct seen **s, struct directory *d)
{
	if (*s == NULL)
		return;
	if ((*s)->n > 0)
		(*s)->result =
		    directory_seen(d, (*s)->gathered, (*s)->n, clock_wall());
	mem_free(s);
}

void
seen_add(struct seen *s, uint64_t account)
{
	for (size_t i = s->n; i > 0; i--)
		if (s->gathered[i - 1] == account)
			return;
	if (s->n == LIMIT_SEEN)
		seen_write(s);
	if (s->n < LIMIT_SEEN)
		s->gathered[s->n++] = account;
}

void
seen_write(struct seen *s)
{
	if (s->writing || s->n == 0)
		return;
	memcpy(s->written, s->gathered, s->n * sizeof(*s->written));
	s->n_writing = s->n;
	if (workers_add(s->workers, &s->work) != ST_OK)
		return;
	s->writing = true;
	s->n = 0;
}
