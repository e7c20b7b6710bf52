#include <stdlib.h>

#include "engine/thread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGES 200
#define REFS     3

static void
check(bool claim)
{
	if (!claim)
		abort();
}

/* Four octets a message. */
static void
fill(struct thread_message *m, uint64_t *refs, uint32_t i, const uint8_t *from)
{
	for (int r = 0; r < REFS; r++)
		refs[r] = from[r] % 64;
	m[i] = (struct thread_message){ .id = i + 1,
		.message_id = from[3] % 32,
		.refs = refs,
		.ref_count = from[3] >> 6,
		.date = from[0] % 16,
		.arrival = from[1] % 16,
		.subject = from[3] >> 5 & 1 ? from[2] : 0,
		.is_reply = (from[1] & 1) != 0 };
}

/* Each message once, in balanced parentheses. */
static void
check_lists(struct span out, uint32_t n)
{
	bool seen[MESSAGES + 1] = { false };
	uint32_t messages = 0;
	uint32_t id = 0;
	int depth = 0;

	for (size_t i = 0; i < out.n; i++) {
		if (ascii_digit(out.p[i])) {
			id = id * 10 + (out.p[i] - '0');
			continue;
		}
		depth += (out.p[i] == '(') - (out.p[i] == ')');
		check(depth >= 0);
		if (id == 0)
			continue;
		check(id <= n && !seen[id]);
		seen[id] = true;
		messages++;
		id = 0;
	}
	check(depth == 0 && messages == n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct thread_message m[MESSAGES];
	static uint64_t refs[MESSAGES][REFS];
	uint32_t n = (uint32_t)MIN(size / 4, (size_t)MESSAGES);

	for (uint32_t i = 0; i < n; i++)
		fill(m, refs[i], i, data + (size_t)i * 4);
	for (int algorithm = 0; algorithm <= THREAD_REFS; algorithm++) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		CLEANUP(threads_free)
		struct threads *t =
		    threads_new((enum thread_by)algorithm, m, n);

		while (!threads_step(t, 50))
			;
		while (!threads_write(t, &out, 50))
			;
		check_lists(buf_span(&out), n);
	}
	return 0;
}
