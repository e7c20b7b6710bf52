#include "base/test.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/thread.h"

#define MESSAGES 64
#define REFS     8

/* A message as a table writes it. */
struct mail {
	uint32_t id;
	const char *message_id; /* NULL: none */
	const char *refs;       /* ids with a space between two; or NULL */
	int64_t date;
	const char *subject; /* the base subject; NULL: its own */
	bool is_reply;
};

static struct thread_message messages[MESSAGES];
static uint64_t refs[MESSAGES][REFS];

static uint64_t
hash(const char *id, size_t n)
{
	static const struct hash_key key = { 1, 2 };

	return hash_sip(&key, span_of(id, n));
}

static void
fill_refs(struct thread_message *m, uint64_t *to, const char *from)
{
	m->refs = to;
	m->ref_count = 0;
	while (from != NULL && *from != 0) {
		size_t n = strcspn(from, " ");

		assert_true(m->ref_count < REFS);
		to[m->ref_count++] = hash(from, n);
		from += n + strspn(from + n, " ");
	}
}

static uint64_t
subject_of(const struct mail *m, uint32_t i)
{
	if (m->subject == NULL)
		return hash((const char *)&i, sizeof(i));
	return *m->subject == 0 ? 0 : hash(m->subject, strlen(m->subject));
}

static void
fill(const struct mail *mail, uint32_t n)
{
	assert_true(n <= MESSAGES);
	for (uint32_t i = 0; i < n; i++) {
		const struct mail *from = &mail[i];
		struct thread_message *m = &messages[i];
		const char *id = from->message_id;

		*m = (struct thread_message){
			.id = from->id,
			.message_id = id == NULL ? 0 : hash(id, strlen(id)),
			.date = from->date,
			.arrival = -from->date,
			.subject = subject_of(from, i),
			.is_reply = from->is_reply,
		};
		fill_refs(m, refs[i], from->refs);
	}
}

static void
run(enum thread_by algorithm, uint32_t n, size_t work, struct buf *out)
{
	CLEANUP(threads_free)
	struct threads *t = threads_new(algorithm, messages, n);

	buf_reset(out);
	while (!threads_step(t, work))
		;
	while (!threads_write(t, out, work))
		;
	assert_true(threads_write(t, out, work));
}

static void
check(enum thread_by algorithm, const struct mail *mail, uint32_t n,
    const char *want)
{
	static const size_t works[] = { 1, 3, 100000 };
	CLEANUP(buf_clear) struct buf out = { 0 };

	fill(mail, n);
	for (size_t i = 0; i < COUNT(works); i++) {
		run(algorithm, n, works[i], &out);
		if (!span_eq(buf_span(&out), span_str(want)))
			fail_msg("got %.*s, want %s", SPAN_ARG(buf_span(&out)),
			    want);
	}
}

/*
 * Messages for which both algorithms say what the RFC's examples say (the
 * RFC doesn't show them).
 */
static const struct mail rfc_mailbox[] = {
	{ 166, "166", NULL, 1, NULL, false },
	{ 167, "167", NULL, 2, NULL, false },
	{ 168, "168", NULL, 3, NULL, false },
	{ 169, "169", NULL, 4, NULL, false },
	{ 170, "170", "gone", 6, NULL, true },
	{ 171, "171", NULL, 7, NULL, false },
	{ 172, "172", NULL, 5, NULL, false },
	{ 173, "173", NULL, 8, NULL, false },
	{ 174, "174", NULL, 9, "A", false },
	{ 175, "175", NULL, 10, "A", false },
	{ 176, "176", NULL, 11, "A", false },
	{ 177, "177", NULL, 16, "B", false },
	{ 178, "178", NULL, 12, "A", false },
	{ 179, "179", "gone", 15, NULL, true },
	{ 180, "180", NULL, 14, "A", false },
	{ 181, "181", NULL, 13, "A", false },
	{ 182, "182", NULL, 18, "B", false },
	{ 183, "183", NULL, 17, "B", false },
	{ 184, "184", "188", 20, "B", false },
	{ 185, "185", NULL, 21, "B", false },
	{ 186, "186", "185", 22, "B", false },
	{ 187, "187", NULL, 23, "B", false },
	{ 188, "188", NULL, 19, "B", false },
	{ 189, "189", "188", 24, "B", false },
	{ 190, "190", NULL, 25, NULL, false },
	{ 191, "191", NULL, 26, NULL, false },
	{ 192, "192", NULL, 27, NULL, false },
	{ 193, "193", NULL, 28, NULL, false },
	{ 194, "194", NULL, 29, "C", false },
	{ 195, "195", NULL, 30, "C", false },
	{ 196, "196", "195", 31, "D", false },
	{ 197, "197", NULL, 32, "D", false },
	{ 198, "198", "197", 33, "D", false },
	{ 199, "199", NULL, 34, NULL, false },
	{ 200, "200", NULL, 35, "E", false },
	{ 201, "201", NULL, 36, NULL, false },
	{ 202, "202", NULL, 37, "E", true },
	{ 203, "203", NULL, 38, NULL, false },
	{ 204, "204", NULL, 39, NULL, false },
	{ 205, "205", NULL, 40, NULL, false },
	{ 206, "206", "205", 41, "F", false },
	{ 207, "207", "205 206", 42, "F", true },
	{ 208, "208", NULL, 43, NULL, false },
};

static void
the_examples_of_rfc_5256_come_out(void **state)
{
	/* Section 4, BASE.7.2.THREAD. */
	static const struct mail nested[] = {
		{ 2, "2", NULL, 1, NULL, false },
		{ 3, "3", NULL, 2, NULL, false },
		{ 4, "4", "3 6", 4, NULL, true },
		{ 6, "6", "3", 3, NULL, true },
		{ 7, "7", "44", 7, NULL, true },
		{ 23, "23", "6 4", 5, NULL, true },
		{ 44, "44", "3 6", 6, NULL, true },
		{ 96, "96", "44 7", 8, NULL, true },
	};
	static const struct mail no_parent[] = {
		{ 3, "3", "gone", 1, NULL, true },
		{ 5, "5", "gone", 2, NULL, true },
	};

	(void)state;
	check(THREAD_ORDEREDSUBJECT, rfc_mailbox, COUNT(rfc_mailbox),
	    "(166)(167)(168)(169)(172)(170)(171)(173)"
	    "(174 (175)(176)(178)(181)(180))(179)"
	    "(177 (183)(182)(188)(184)(185)(186)(187)(189))(190)"
	    "(191)(192)(193)(194 195)(196 (197)(198))(199)"
	    "(200 202)(201)(203)(204)(205)(206 207)(208)");
	check(THREAD_REFERENCES, rfc_mailbox, COUNT(rfc_mailbox),
	    "(166)(167)(168)(169)(172)((170)(179))(171)(173)"
	    "((174)(175)(176)(178)(181)(180))"
	    "((177)(183)(182)(188 (184)(189))(185 186)(187))"
	    "(190)(191)(192)(193)((194)(195 196))(197 198)"
	    "(199)(200 202)(201)(203)(204)(205 206 207)(208)");
	check(THREAD_REFERENCES, nested, COUNT(nested),
	    "(2)(3 6 (4 23)(44 7 96))");
	check(THREAD_REFERENCES, no_parent, COUNT(no_parent), "((3)(5))");
	check(THREAD_REFERENCES, NULL, 0, "");
}

static void
siblings_are_in_the_order_of_dates_and_then_of_the_mailbox(void **state)
{
	static const struct mail mail[] = {
		{ 9, "a", NULL, 5, "", false },
		{ 8, "b", NULL, 5, "", false },
		{ 7, "c", "a", 4, "", false },
		{ 6, "d", "a", -4, "", false },
		{ 5, "e", "a", 4, "", false },
		{ 4, "f", "gone", 9, "", false },
		{ 3, "g", "gone", 3, "", false },
	};

	(void)state;
	check(THREAD_REFERENCES, mail, COUNT(mail), "((3)(4))(9 (6)(7)(5))(8)");
	/* All have the same subject, the empty one. */
	check(THREAD_ORDEREDSUBJECT, mail, COUNT(mail),
	    "(6 (3)(7)(5)(9)(8)(4))");
}

static void
references_lead_to_parents(void **state)
{
	static const struct {
		const char *what;
		struct mail mail[4];
		uint32_t n;
		const char *want;
	} cases[] = {
		{ "a parent may come later",
		    { { 1, "a", "b", 2, "", false },
			{ 2, "b", NULL, 1, "", false } },
		    2, "(2 1)" },
		{ "references link messages that name nobody",
		    { { 1, "a", NULL, 1, "", false },
			{ 2, "b", NULL, 2, "", false },
			{ 3, "c", "a b", 3, "", false } },
		    3, "(1 2 3)" },
		{ "what is missing in between is left out",
		    { { 1, "a", NULL, 1, "", false },
			{ 2, "c", "a gone1 gone2", 2, "", false } },
		    2, "(1 2)" },
		{ "siblings under different missing parents become siblings",
		    { { 1, "a", "top x", 1, "", false },
			{ 2, "b", "top y", 2, "", false },
			{ 3, "c", "top y", 3, "", false } },
		    3, "((1)(2)(3))" },
		{ "a missing parent with one child is left out",
		    { { 1, "a", "x y z", 1, "", false } }, 1, "(1)" },
		{ "a later reference does not move a child",
		    { { 1, "a", NULL, 1, "", false },
			{ 2, "b", "a x", 2, "", false },
			{ 3, "c", "z x", 3, "", false } },
		    3, "(1 (2)(3))" },
		{ "a message's own references do",
		    { { 1, "a", "z b", 1, "", false },
			{ 2, "b", "y", 2, "", false },
			{ 3, "y", NULL, 3, "", false } },
		    3, "(3 2 1)" },
		{ "also if it has none",
		    { { 1, "a", "y b", 1, "", false },
			{ 2, "y", NULL, 2, "", false },
			{ 3, "b", NULL, 3, "", false } },
		    3, "(2)(3 1)" },
		{ "the first of two with the same Message-ID has it",
		    { { 1, "a", NULL, 1, "", false },
			{ 2, "a", NULL, 2, "", false },
			{ 3, "b", "a", 3, "", false } },
		    3, "(1 3)(2)" },
		{ "the second one still has references",
		    { { 1, "a", NULL, 1, "", false },
			{ 2, "a", "a", 2, "", false } },
		    2, "(1 2)" },
		{ "without a Message-ID too",
		    { { 1, "a", NULL, 1, "", false },
			{ 2, NULL, "a", 2, "", false },
			{ 3, NULL, "a", 3, "", false } },
		    3, "(1 (2)(3))" },
		{ "two that name each other",
		    { { 1, "a", "b", 1, "", false },
			{ 2, "b", "a", 2, "", false } },
		    2, "(2 1)" },
		{ "one that names itself",
		    { { 1, "a", "a", 1, "", false },
			{ 2, "b", "a b a", 2, "", false } },
		    2, "(1 2)" },
		{ "three in a circle",
		    { { 1, "a", "b", 1, "", false },
			{ 2, "b", "c", 2, "", false },
			{ 3, "c", "a", 3, "", false } },
		    3, "(3 2 1)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("%s\n", cases[i].what);
		check(THREAD_REFERENCES, cases[i].mail, cases[i].n,
		    cases[i].want);
	}
}

static void
threads_with_one_subject_are_merged(void **state)
{
	static const struct {
		const char *what;
		struct mail mail[5];
		uint32_t n;
		const char *want;
	} cases[] = {
		{ "two messages become siblings",
		    { { 1, "a", NULL, 1, "S", false },
			{ 2, "b", NULL, 2, "S", false } },
		    2, "((1)(2))" },
		{ "a reply becomes a child",
		    { { 1, "a", NULL, 1, "S", false },
			{ 2, "b", NULL, 2, "S", true } },
		    2, "(1 2)" },
		{ "also a reply that was sent before",
		    { { 1, "a", NULL, 2, "S", false },
			{ 2, "b", NULL, 1, "S", true } },
		    2, "(1 2)" },
		{ "two replies become siblings",
		    { { 1, "a", NULL, 1, "S", true },
			{ 2, "b", NULL, 2, "S", true },
			{ 3, "c", NULL, 3, "S", true } },
		    3, "((1)(2)(3))" },
		{ "replies go to the first message, others beside it",
		    { { 1, "a", NULL, 1, "S", true },
			{ 2, "b", NULL, 2, "S", false },
			{ 3, "c", NULL, 3, "S", true },
			{ 4, "d", NULL, 4, "S", false },
			{ 5, "e", NULL, 5, "S", true } },
		    5, "((2 (1)(3))(4)(5))" },
		{ "a message joins the children of a missing one",
		    { { 1, "a", NULL, 1, "S", false },
			{ 2, "b", "x", 2, "S", true },
			{ 3, "c", "x", 3, "Z", true } },
		    3, "((1)(2)(3))" },
		{ "two missing ones become one",
		    { { 1, "a", "x", 1, "S", true },
			{ 2, "b", "y", 2, "S", true },
			{ 3, "c", "x", 3, "Z", true },
			{ 4, "d", "y", 4, "Y", true } },
		    4, "((1)(2)(3)(4))" },
		{ "the subject is that of the first child",
		    { { 1, "a", "x", 3, "S", true },
			{ 2, "b", "x", 2, "Z", true },
			{ 3, "c", NULL, 1, "S", false } },
		    3, "(3)((2)(1))" },
		{ "without a subject nothing is merged",
		    { { 1, "a", NULL, 1, "", true },
			{ 2, "b", NULL, 2, "", false } },
		    2, "(1)(2)" },
		{ "replies inside a thread stay there",
		    { { 1, "a", NULL, 1, "Z", false },
			{ 2, "b", "a", 2, "S", true },
			{ 3, "c", NULL, 3, "S", true } },
		    3, "(1 2)(3)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("%s\n", cases[i].what);
		check(THREAD_REFERENCES, cases[i].mail, cases[i].n,
		    cases[i].want);
	}
}

/* Here the message with the lowest date arrived last. */
static void
refs_orders_threads_by_arrival_and_leaves_subjects_alone(void **state)
{
	static const struct mail mail[] = {
		{ 1, "a", NULL, 10, "S", false },
		{ 2, "b", NULL, 20, "S", false },
		{ 3, "c", "a", 30, "S", true },
		{ 4, "d", "a", 11, "S", true },
		{ 5, "e", "x", 40, "S", true },
		{ 6, "f", "x", 5, "S", true },
		{ 7, "g", NULL, 20, "S", true },
	};

	(void)state;
	check(THREAD_REFS, mail, COUNT(mail), "(2)(7)(1 (4)(3))((6)(5))");
}

/* Each a reply to the one before, given in either direction. */
static void
depth_needs_no_stack(void **state)
{
	const uint32_t n = 100000;
	CLEANUP(mem_free) struct thread_message *m = mem_array(n, sizeof(*m));
	CLEANUP(mem_free) uint64_t *ids = mem_array(n + 2, sizeof(*ids));
	CLEANUP(buf_clear) struct buf out = { 0 };
	CLEANUP(buf_clear) struct buf want = { 0 };

	(void)state;
	for (uint32_t i = 0; i < n + 2; i++)
		ids[i] = i + 1;
	for (int backwards = 0; backwards < 2; backwards++) {
		CLEANUP(threads_free) struct threads *t = NULL;

		buf_reset(&out);
		buf_reset(&want);
		for (uint32_t i = 0; i < n; i++) {
			uint32_t id = backwards ? n - i : i + 1;

			m[i] = (struct thread_message){ .id = id,
				.message_id = ids[id],
				.refs = &ids[id - 1],
				.ref_count = 1,
				.date = id };
			buf_byte(&want, i == 0 ? '(' : ' ');
			buf_u64(&want, i + 1);
		}
		buf_byte(&want, ')');
		t = threads_new(THREAD_REFERENCES, m, n);
		while (!threads_step(t, 1000))
			;
		while (!threads_write(t, &out, 1000))
			;
		assert_true(span_eq(buf_span(&out), buf_span(&want)));
	}
}

/* Past the limit unknown messages are passed over, known ones are not. */
static void
messages_that_are_not_there_are_limited(void **state)
{
	const size_t each = 1000;
	const uint32_t many = LIMIT_THREAD_UNKNOWN / 1000 + 1;
	CLEANUP(mem_free)
	uint64_t *ids = mem_array((many + 2) * each, sizeof(*ids));
	CLEANUP(mem_free)
	struct thread_message *m = mem_array(many + 2, sizeof(*m));
	CLEANUP(threads_free) struct threads *t = NULL;
	CLEANUP(buf_clear) struct buf out = { 0 };
	static const uint64_t mixed[] = { 1000, 77777777, 1001, 88888888 };

	(void)state;
	for (size_t i = 0; i < many * each; i++)
		ids[i] = 1000000 + i;
	for (uint32_t i = 0; i < many; i++)
		m[i] = (struct thread_message){ .id = i + 1,
			.message_id = 1000 + i,
			.refs = ids + i * each,
			.ref_count = (uint32_t)each,
			.date = i };
	for (uint32_t i = many; i < many + 2; i++)
		m[i] = (struct thread_message){ .id = i + 1,
			.refs = mixed,
			.ref_count = i == many ? 4 : 2,
			.date = i };
	t = threads_new(THREAD_REFERENCES, m, many + 2);
	while (!threads_step(t, 100000))
		;
	while (!threads_write(t, &out, 100000))
		;
	assert_span(span_head(buf_span(&out), 19), "(1 1003)(2 1002)(3)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_rfc_5256_come_out),
		cmocka_unit_test(
		    siblings_are_in_the_order_of_dates_and_then_of_the_mailbox),
		cmocka_unit_test(references_lead_to_parents),
		cmocka_unit_test(threads_with_one_subject_are_merged),
		cmocka_unit_test(
		    refs_orders_threads_by_arrival_and_leaves_subjects_alone),
		cmocka_unit_test(depth_needs_no_stack),
		cmocka_unit_test(messages_that_are_not_there_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
