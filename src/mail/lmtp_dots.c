#include "mail/lmtp_dots.h"

/* The state after an octet of the message that doesn't begin a line. */
static void
pass(struct lmtp_dots *d, unsigned char c)
{
	if (c == '\r')
		d->state = DOTS_CR;
	else if (c == '\n' && d->state == DOTS_CR)
		d->state = DOTS_LINE;
	else
		d->state = DOTS_TEXT;
}

/*
 * How many octets belong to the message as they are, up to a dot at the start
 * of a line.
 */
static size_t
plain_run(struct lmtp_dots *d, struct span in)
{
	size_t i = 0;

	while (i < in.n) {
		if (d->state == DOTS_LINE && in.p[i] == '.')
			break;
		if (d->state == DOTS_TEXT) {
			i += span_find(span_from(in, i), '\r');
			if (i == in.n)
				break;
		}
		pass(d, in.p[i++]);
	}
	return i;
}

static struct span
take(struct span *in, size_t n)
{
	struct span taken = span_head(*in, n);

	*in = span_from(*in, n);
	return taken;
}

struct span
lmtp_dots_next(struct lmtp_dots *d, struct span *in)
{
	size_t n;

	while (in->n > 0 && d->state != DOTS_END) {
		switch (d->state) {
		case DOTS_DOT:
			d->state = in->p[0] == '\r' ? DOTS_DOT_CR : DOTS_TEXT;
			if (d->state == DOTS_DOT_CR)
				(void)take(in, 1);
			break;
		case DOTS_DOT_CR:
			d->state = in->p[0] == '\n' ? DOTS_END : DOTS_CR;
			if (d->state == DOTS_CR)
				return SPAN("\r");
			(void)take(in, 1);
			break;
		case DOTS_LINE:
		case DOTS_TEXT:
		case DOTS_CR:
		case DOTS_END:
			n = plain_run(d, *in);
			if (n > 0)
				return take(in, n);
			(void)take(in, 1);
			d->state = DOTS_DOT;
			break;
		}
	}
	return span_of(in->p, 0);
}
