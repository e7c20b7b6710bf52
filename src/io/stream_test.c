#include "base/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "io/loop.h"
#include "io/stream.h"

/* How the owner of the stream under test behaves, and what it saw. */
struct owner {
	struct stream *s;
	size_t take_max;       /* of one offer; 0: takes nothing */
	bool lines;            /* takes whole lines only */
	bool pause_after_line; /* a command that runs for a while */
	bool deflate_after_line;
	bool free_in_input;
	bool produce; /* fills the output whenever there is room */
	struct buf got;
	unsigned offers;
	unsigned rooms;
	unsigned eofs;
	unsigned gones;
	unsigned brokens;
	size_t produced;
};

static struct loop *loop;
static struct owner own;
static int peer;

static size_t
on_input(void *ctx, struct span in)
{
	struct owner *o = ctx;
	struct span taken = span_head(in, o->take_max);

	o->offers++;
	if (o->lines) {
		size_t n = span_find(in, '\n');

		taken = span_head(in, n < in.n ? n + 1 : 0);
	}
	buf_add(&o->got, taken);
	if (o->free_in_input)
		stream_free(&o->s);
	if (taken.n > 0 && o->pause_after_line)
		stream_pause(o->s);
	if (taken.n > 0 && o->deflate_after_line) {
		o->deflate_after_line = false;
		BUF_LIT(stream_out(o->s), "OK\r\n");
		stream_start_deflate(o->s);
	}
	return taken.n;
}

static void
produce(struct owner *o)
{
	static const unsigned char block[1000];

	while (stream_room(o->s)) {
		buf_add(stream_out(o->s), span_of(block, sizeof(block)));
		o->produced += sizeof(block);
	}
}

static void
on_room(void *ctx)
{
	struct owner *o = ctx;

	o->rooms++;
	if (o->produce)
		produce(o);
}

static void
on_end(void *ctx, enum stream_end why)
{
	struct owner *o = ctx;

	o->eofs += why == STREAM_EOF;
	o->gones += why == STREAM_GONE;
	o->brokens += why == STREAM_BROKEN;
}

static const struct stream_ops ops = { on_input, on_room, on_end };

static int
setup(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	loop = loop_new();
	own = (struct owner){ .take_max = SIZE_MAX };
	own.s = stream_new(loop, fds[0], &ops, &own);
	peer = fds[1];
	assert_int_equal(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stream_free(&own.s);
	buf_clear(&own.got);
	if (peer != -1)
		(void)close(peer);
	loop_free(&loop);
	return 0;
}

/* As many turns as it takes until nothing happens any more. */
static void
run(void)
{
	for (int i = 0; i < 8; i++)
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
}

static void
say(struct span s)
{
	assert_int_equal(write(peer, s.p, s.n), s.n);
}

/* What the peer can read now. */
static struct span
heard(void)
{
	static unsigned char room[LIMIT_OUTPUT * 4];
	ssize_t n = 0;
	size_t all = 0;

	do {
		n = read(peer, room + all, sizeof(room) - all);
		all += n > 0 ? (size_t)n : 0;
	} while (n > 0 && all < sizeof(room));
	return span_of(room, all);
}

static void
input_is_offered_as_it_comes(void **state)
{
	(void)state;
	say(SPAN("ab"));
	run();
	say(SPAN("cd"));
	run();
	assert_span(buf_span(&own.got), "abcd");
	assert_int_equal(own.offers, 2);
}

static void
what_is_not_taken_is_offered_again_with_what_follows(void **state)
{
	(void)state;
	own.lines = true;
	say(SPAN("one\ntwo\nth"));
	run();
	assert_span(buf_span(&own.got), "one\ntwo\n");
	say(SPAN("ree\n"));
	run();
	assert_span(buf_span(&own.got), "one\ntwo\nthree\n");
}

static void
output_of_a_turn_is_written_at_its_end(void **state)
{
	(void)state;
	BUF_LIT(stream_out(own.s), "a");
	BUF_LIT(stream_out(own.s), "b");
	assert_int_equal(heard().n, 0);
	assert_int_equal(stream_waiting(own.s), 2);
	run();
	assert_span(heard(), "ab");
	assert_int_equal(stream_waiting(own.s), 0);
}

static void
an_idle_stream_owns_no_buffer(void **state)
{
	size_t idle = stream_memory(own.s);

	(void)state;
	print_message("an idle stream is %zu bytes\n", idle);
	own.lines = true;
	say(SPAN("hel"));
	run();
	assert_true(stream_memory(own.s) > idle);
	say(SPAN("lo\n"));
	BUF_LIT(stream_out(own.s), "* OK\r\n");
	assert_true(stream_memory(own.s) > idle);
	run();
	assert_int_equal(stream_memory(own.s), idle);
	assert_true(idle < 512);
}

static void
a_paused_stream_reads_no_further_than_its_bound(void **state)
{
	static const unsigned char bytes[65536];
	size_t sent = 0;
	ssize_t n;

	(void)state;
	stream_pause(own.s);
	while ((n = write(peer, bytes, sizeof(bytes))) > 0) {
		sent += (size_t)n;
		run();
	}
	assert_int_equal(own.offers, 0);
	assert_true(stream_memory(own.s) < 512 + 2 * LIMIT_INPUT_HELD);
	stream_resume(own.s);
	run();
	assert_int_equal(own.got.n, sent);
	assert_true(stream_memory(own.s) < 512);
}

static void
commands_sent_together_run_one_at_a_time(void **state)
{
	(void)state;
	own.lines = true;
	own.pause_after_line = true;
	say(SPAN("1\n2\n3\n"));
	run();
	assert_span(buf_span(&own.got), "1\n");
	stream_resume(own.s);
	assert_span(buf_span(&own.got), "1\n"); /* not from within */
	run();
	assert_span(buf_span(&own.got), "1\n2\n");
	stream_resume(own.s);
	run();
	assert_span(buf_span(&own.got), "1\n2\n3\n");
}

static void
a_stuck_owner_stops_the_reading(void **state)
{
	static const unsigned char bytes[65536];

	(void)state;
	own.take_max = 0;
	while (write(peer, bytes, sizeof(bytes)) > 0)
		run();
	assert_true(stream_memory(own.s) <=
		    512 + 2 * (LIMIT_INPUT_HELD + LOOP_SCRATCH));
	own.take_max = SIZE_MAX;
	own.offers = 0;
	stream_resume(own.s);
	run();
	assert_true(own.got.n > LIMIT_INPUT_HELD);
}

static void
a_peer_that_does_not_read_stops_the_producer(void **state)
{
	size_t total = 0;
	size_t n;

	(void)state;
	own.produce = true;
	stream_set_limit(own.s, 100000);
	produce(&own);
	run();
	assert_int_equal(own.rooms, 0);
	assert_in_range(stream_waiting(own.s), 1, 100000 + 1000);
	assert_in_range(stream_stalled_ms(own.s, loop_now_ms(loop) + 5000),
	    5000, 6000);

	/* It goes on as soon as the peer has taken what waited. */
	while (own.rooms < 3) {
		total += heard().n;
		run();
	}
	own.produce = false;
	while ((n = heard().n) > 0) {
		total += n;
		run();
	}
	assert_int_equal(total, own.produced);
	assert_int_equal(stream_stalled_ms(own.s, INT64_MAX), 0);
}

/* Even if that is too little for the kernel to say that there is room. */
static void
a_peer_that_takes_little_has_not_stalled(void **state)
{
	unsigned char some[40000];
	int64_t now = loop_now_ms(loop);

	(void)state;
	own.produce = true;
	stream_set_limit(own.s, 1000000);
	produce(&own);
	run();
	for (int64_t i = 1; i < 3; i++) {
		assert_in_range(stream_stalled_ms(own.s, now + i * 10000 - 1),
		    i == 1 ? 9000 : 9999, 9999);
		assert_true(read(peer, some, sizeof(some)) > 0);
		assert_int_equal(stream_stalled_ms(own.s, now + i * 10000), 0);
	}
	own.produce = false;
}

static void
the_end_comes_after_the_input(void **state)
{
	(void)state;
	own.lines = true;
	own.pause_after_line = true;
	say(SPAN("1\n2\n"));
	shutdown(peer, SHUT_WR);
	run();
	assert_int_equal(own.eofs, 0);
	stream_resume(own.s);
	run();
	assert_int_equal(own.eofs, 0); /* the second line has paused it */
	stream_resume(own.s);
	run();
	assert_int_equal(own.eofs, 1);
	assert_span(buf_span(&own.got), "1\n2\n");

	BUF_LIT(stream_out(own.s), "bye");
	run();
	assert_span(heard(), "bye");
	assert_int_equal(own.eofs, 1);
	assert_int_equal(own.gones, 0);
}

static void
a_peer_that_is_gone_is_told_once_and_output_dropped(void **state)
{
	(void)state;
	(void)close(peer);
	peer = -1;
	BUF_LIT(stream_out(own.s), "x");
	run();
	assert_int_equal(own.gones, 1);
	BUF_LIT(stream_out(own.s), "y");
	assert_false(stream_room(own.s));
	assert_int_equal(stream_flush(own.s), ST_IO);
	run();
	assert_int_equal(own.gones, 1);
	assert_int_equal(stream_waiting(own.s), 0);
}

static void
an_owner_may_free_it_in_a_callback(void **state)
{
	(void)state;
	own.free_in_input = true;
	BUF_LIT(stream_out(own.s), "bye");
	say(SPAN("x"));
	run();
	assert_null(own.s);
	assert_span(heard(), "bye");
	assert_int_equal(own.eofs + own.gones, 0);
}

static void
a_preload_comes_before_what_is_read(void **state)
{
	(void)state;
	say(SPAN("second"));
	stream_preload(own.s, SPAN("first "));
	run();
	assert_span(buf_span(&own.got), "first second");
}

static void
a_detached_descriptor_has_its_output_behind_it(void **state)
{
	CLEANUP(buf_clear) struct buf unread = { 0 };
	int fd = -1;

	(void)state;
	own.lines = true;
	own.pause_after_line = true;
	say(SPAN("a LOGIN\nb NOOP\n"));
	run();
	BUF_LIT(stream_out(own.s), "+ \r\n");
	assert_ok(stream_detach(&own.s, &unread, &fd));
	assert_null(own.s);
	assert_span(buf_span(&unread), "b NOOP\n");
	assert_span(heard(), "+ \r\n");
	assert_int_equal(write(fd, "!", 1), 1);
	assert_span(heard(), "!");
	(void)close(fd);
}

static void
a_stream_with_output_waiting_is_not_detached(void **state)
{
	CLEANUP(buf_clear) struct buf unread = { 0 };
	int fd = -1;

	(void)state;
	produce(&own);
	assert_int_equal(stream_detach(&own.s, &unread, &fd), ST_AGAIN);
	assert_non_null(own.s);
	assert_int_equal(fd, -1);
}

/* So that whoever owns it can answer both with one write. */
static void
the_end_is_read_in_the_turn_of_the_last_input(void **state)
{
	(void)state;
	say(SPAN("last"));
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_span(buf_span(&own.got), "last");
	assert_int_equal(own.eofs, 1);
}

static void
a_shutdown_follows_the_output(void **state)
{
	char byte;

	(void)state;
	BUF_LIT(stream_out(own.s), "last");
	stream_shutdown(own.s);
	run();
	assert_span(heard(), "last");
	assert_int_equal(read(peer, &byte, 1), 0);
	say(SPAN("still heard"));
	run();
	assert_span(buf_span(&own.got), "still heard");
}

/* The client's end of RFC 4978. */
static z_stream client_in;
static z_stream client_out;

static void
client_start(void)
{
	client_in = (z_stream){ 0 };
	client_out = (z_stream){ 0 };
	assert_int_equal(inflateInit2(&client_in, -15), Z_OK);
	assert_int_equal(deflateInit2(&client_out, 9, Z_DEFLATED, -15, 9,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
}

static void
client_end(void)
{
	inflateEnd(&client_in);
	deflateEnd(&client_out);
}

static struct span
client_inflate(struct span s)
{
	static unsigned char room[65536];

	client_in.next_in = (Bytef *)(uintptr_t)s.p;
	client_in.avail_in = (uInt)s.n;
	client_in.next_out = room;
	client_in.avail_out = sizeof(room);
	assert_int_equal(inflate(&client_in, Z_SYNC_FLUSH), Z_OK);
	assert_int_equal(client_in.avail_in, 0);
	return span_of(room, sizeof(room) - client_in.avail_out);
}

static struct span
client_deflate(struct span s)
{
	static unsigned char room[LIMIT_INPUT_HELD * 8];

	client_out.next_in = (Bytef *)(uintptr_t)s.p;
	client_out.avail_in = (uInt)s.n;
	client_out.next_out = room;
	client_out.avail_out = sizeof(room);
	assert_int_equal(deflate(&client_out, Z_SYNC_FLUSH), Z_OK);
	assert_true(client_out.avail_out > 0);
	return span_of(room, sizeof(room) - client_out.avail_out);
}

static void
compression_starts_exactly_after_the_ok(void **state)
{
	(void)state;
	client_start();
	own.lines = true;
	own.deflate_after_line = true;
	BUF_LIT(stream_out(own.s), "* before\r\n");
	say(SPAN("a COMPRESS DEFLATE\n"));
	run();
	assert_span(heard(), "* before\r\nOK\r\n");

	for (int i = 0; i < 3; i++) {
		buf_reset(&own.got);
		say(client_deflate(SPAN("b NOOP\n")));
		run();
		assert_span(buf_span(&own.got), "b NOOP\n");
		BUF_LIT(stream_out(own.s), "b OK done\r\n");
		run();
		assert_span(client_inflate(heard()), "b OK done\r\n");
	}
	assert_true(stream_memory(own.s) < 512);
	client_end();
}

static void
compressed_input_may_come_with_the_command(void **state)
{
	CLEANUP(buf_clear) struct buf both = { 0 };

	(void)state;
	client_start();
	own.lines = true;
	own.deflate_after_line = true;
	BUF_LIT(&both, "a COMPRESS DEFLATE\n");
	buf_add(&both, client_deflate(SPAN("b NOOP\nc NO")));
	say(buf_span(&both));
	run();
	assert_span(buf_span(&own.got), "a COMPRESS DEFLATE\nb NOOP\n");
	say(client_deflate(SPAN("OP\n")));
	run();
	assert_span(buf_span(&own.got), "a COMPRESS DEFLATE\nb NOOP\nc NOOP\n");
	client_end();
}

static void
a_decompression_bomb_is_taken_in_steps(void **state)
{
	static unsigned char zeros[LIMIT_INPUT_HELD * 1000];
	size_t most = 0;

	(void)state;
	client_start();
	stream_start_deflate(own.s);
	say(client_deflate(span_of(zeros, sizeof(zeros))));
	for (int i = 0; i < 100; i++) {
		size_t before = own.got.n;

		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		most = MAX(most, own.got.n - before);
	}
	assert_int_equal(own.got.n, sizeof(zeros));
	assert_true(most <= 16UL * LOOP_SCRATCH);
	assert_true(stream_memory(own.s) < 512);
	client_end();
}

static void
a_paused_stream_does_not_inflate(void **state)
{
	static unsigned char zeros[LIMIT_INPUT_HELD * 100];

	(void)state;
	client_start();
	stream_start_deflate(own.s);
	own.take_max = 1;
	own.pause_after_line = true;
	say(client_deflate(span_of(zeros, sizeof(zeros))));
	run();
	assert_int_equal(own.got.n, 1);
	assert_true(stream_memory(own.s) < 2UL * LOOP_SCRATCH);
	own.take_max = SIZE_MAX;
	own.pause_after_line = false;
	stream_resume(own.s);
	run();
	assert_int_equal(own.got.n, sizeof(zeros));
	client_end();
}

static void
what_is_not_deflate_breaks_the_stream(void **state)
{
	(void)state;
	stream_start_deflate(own.s);
	say(SPAN("\xff\xff\xff\xff\xff\xff"));
	run();
	assert_int_equal(own.brokens, 1);
	assert_int_equal(own.gones, 0);
	assert_string_equal(stream_why(own.s), "not DEFLATE");
}

static void
a_finished_deflate_stream_is_the_end(void **state)
{
	unsigned char room[64];

	(void)state;
	client_start();
	stream_start_deflate(own.s);
	client_out.next_in = (Bytef *)(uintptr_t) "bye";
	client_out.avail_in = 3;
	client_out.next_out = room;
	client_out.avail_out = sizeof(room);
	assert_int_equal(deflate(&client_out, Z_FINISH), Z_STREAM_END);
	say(span_of(room, sizeof(room) - client_out.avail_out));
	run();
	assert_span(buf_span(&own.got), "bye");
	assert_int_equal(own.eofs, 1);
	client_end();
}

static void
much_compressed_output_stays_bounded(void **state)
{
	unsigned seed = 1;
	struct span s;
	size_t got = 0;
	size_t sent = 0;

	(void)state;
	client_start();
	stream_start_deflate(own.s);
	for (; stream_room(own.s); sent++) {
		seed = seed * 1103515245 + 12345;
		buf_byte(stream_out(own.s), (unsigned char)(seed >> 16));
	}
	assert_in_range(stream_waiting(own.s), LIMIT_OUTPUT,
	    LIMIT_OUTPUT + 2 * LOOP_SCRATCH);
	for (int i = 0; i < 20; i++) {
		s = heard();
		for (size_t at = 0; at < s.n; at += 1000)
			got +=
			    client_inflate(span_head(span_from(s, at), 1000)).n;
		run();
	}
	assert_int_equal(got, sent);
	client_end();
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(input_is_offered_as_it_comes),
		T(what_is_not_taken_is_offered_again_with_what_follows),
		T(output_of_a_turn_is_written_at_its_end),
		T(an_idle_stream_owns_no_buffer),
		T(a_paused_stream_reads_no_further_than_its_bound),
		T(commands_sent_together_run_one_at_a_time),
		T(a_stuck_owner_stops_the_reading),
		T(a_peer_that_does_not_read_stops_the_producer),
		T(a_peer_that_takes_little_has_not_stalled),
		T(the_end_comes_after_the_input),
		T(a_peer_that_is_gone_is_told_once_and_output_dropped),
		T(an_owner_may_free_it_in_a_callback),
		T(a_preload_comes_before_what_is_read),
		T(a_detached_descriptor_has_its_output_behind_it),
		T(a_stream_with_output_waiting_is_not_detached),
		T(the_end_is_read_in_the_turn_of_the_last_input),
		T(a_shutdown_follows_the_output),
		T(compression_starts_exactly_after_the_ok),
		T(compressed_input_may_come_with_the_command),
		T(a_decompression_bomb_is_taken_in_steps),
		T(a_paused_stream_does_not_inflate),
		T(what_is_not_deflate_breaks_the_stream),
		T(a_finished_deflate_stream_is_the_end),
		T(much_compressed_output_stays_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
