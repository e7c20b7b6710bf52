#include "base/test.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/counters.h"

#define ANN SPAN("192.0.2.1")
#define BOB SPAN("2001:db8::1")

struct two {
	struct counters *master; /* has row 0 */
	struct counters *gate;   /* has row 1 */
	int fd;
};

static struct two
two_new(void)
{
	struct two t;

	assert_ok(counters_new(2, &t.master, &t.fd));
	assert_ok(counters_open(t.fd, 1, &t.gate));
	return t;
}

static void
two_free(struct two *t)
{
	counters_close(&t->master);
	counters_close(&t->gate);
	assert_null(t->gate);
	close(t->fd);
}

static void
counts_are_summed_over_the_processes(void **state)
{
	struct two t = two_new();

	(void)state;
	counters_enter(t.master, COUNTED_ADDRESS, ANN);
	counters_enter(t.gate, COUNTED_ADDRESS, ANN);
	counters_enter(t.gate, COUNTED_ADDRESS, ANN);
	counters_enter(t.gate, COUNTED_ADDRESS, BOB);
	assert_int_equal(counters_count(t.master, COUNTED_ADDRESS, ANN), 3);
	assert_int_equal(counters_count(t.gate, COUNTED_ADDRESS, ANN), 3);
	assert_int_equal(counters_count(t.gate, COUNTED_ADDRESS, BOB), 1);
	assert_int_equal(counters_count(t.gate, COUNTED_USER, ANN), 0);

	counters_leave(t.gate, COUNTED_ADDRESS, ANN);
	assert_int_equal(counters_count(t.master, COUNTED_ADDRESS, ANN), 2);

	counters_add(t.master, GAUGE_PREAUTH, 1);
	counters_add(t.gate, GAUGE_PREAUTH, 1);
	counters_add(t.gate, GAUGE_PREAUTH, -1);
	assert_int_equal(counters_sum(t.gate, GAUGE_PREAUTH), 1);
	assert_int_equal(counters_sum(t.gate, GAUGE_SESSIONS), 0);
	two_free(&t);
}

static void
a_dead_process_leaves_no_counts(void **state)
{
	struct two t = two_new();
	int code = -1;
	pid_t pid;

	(void)state;
	counters_enter(t.master, COUNTED_ADDRESS, ANN);
	pid = fork();
	if (pid == 0) {
		counters_enter(t.gate, COUNTED_ADDRESS, ANN);
		counters_add(t.gate, GAUGE_CONNECTIONS, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(counters_count(t.master, COUNTED_ADDRESS, ANN), 2);
	assert_int_equal(counters_sum(t.master, GAUGE_CONNECTIONS), 1);

	counters_clear_row(t.master, 1);
	assert_int_equal(counters_count(t.master, COUNTED_ADDRESS, ANN), 1);
	assert_int_equal(counters_sum(t.master, GAUGE_CONNECTIONS), 0);
	two_free(&t);
}

/* Collisions are rare, and can't make a count too low. */
static void
many_keys_are_told_apart(void **state)
{
	struct two t = two_new();
	size_t wrong = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "10.0.%d.%d", i / 250, i % 250);
		counters_enter(t.gate, COUNTED_ADDRESS, span_str(key));
	}
	for (int i = 0; i < 2000; i++) {
		char key[16];
		uint64_t n;

		snprintf(key, sizeof(key), "10.0.%d.%d", i / 250, i % 250);
		n = counters_count(t.gate, COUNTED_ADDRESS, span_str(key));
		assert_true(n >= 1);
		wrong += n > 1 ? 1 : 0;
		counters_leave(t.gate, COUNTED_ADDRESS, span_str(key));
	}
	assert_true(wrong < 200);
	two_free(&t);
}

static void
what_is_no_table_is_refused(void **state)
{
	struct counters *c = NULL;
	struct two t = two_new();
	int fd = memfd_create("test", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(counters_open(-1, 0, &c), ST_BAD);
	assert_int_equal(counters_open(fd, 0, &c), ST_BAD);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(counters_open(fd, 0, &c), ST_BAD);
	assert_int_equal(counters_open(t.fd, 2, &c), ST_BAD);
	assert_null(c);
	/* nor can anyone cut it short under the others */
	assert_int_equal(ftruncate(t.fd, 0), -1);
	close(fd);
	two_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_summed_over_the_processes),
		cmocka_unit_test(a_dead_process_leaves_no_counts),
		cmocka_unit_test(many_keys_are_told_apart),
		cmocka_unit_test(what_is_no_table_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
