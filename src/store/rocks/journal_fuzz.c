/*
 * A journal of which bytes were changed, sectors moved and ends cut off.  What
 * is read is always the first records, as they were written; and if that is
 * not all, nothing that shows a later one was left untouched, or it is said.
 */
#include "store/rocks/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PASS    8192
#define LENGTH  PASS /* a turn cuts what is longer */
#define RECORDS 24
#define HEADER  32

struct world {
	char path[64];
	int dir;
	int fd[2];
	struct place from;
	size_t first; /* the record at that place */
	struct place at[RECORDS];
	unsigned char original[2][LENGTH];
};

static struct world w = { .path = "/tmp/newel-fuzz-XXXXXX" };

static void
check(bool claim)
{
	if (!claim)
		abort();
}

static void
drop_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

static void
end_world(void)
{
	(void)unlinkat(w.dir, "journal.0", 0);
	(void)unlinkat(w.dir, "journal.1", 0);
	(void)rmdir(w.path);
}

static struct span
record(size_t i)
{
	static unsigned char bytes[2048];

	memset(bytes, (int)('a' + i), sizeof(bytes));
	return span_of(bytes, i * 577 % 1900);
}

static struct journal *
opened(const struct place *at, bool make)
{
	struct journal_options o = {
		.folder = w.dir,
		.make = make,
		.pass_bytes = PASS,
	};
	struct journal *j = NULL;

	return journal_open(&o, at, &j) == ST_OK ? j : NULL;
}

/* What is there at the end is the last two passes. */
static void
add_records(void)
{
	struct place begin = place_first();
	struct journal *j = opened(&begin, true);

	check(j != NULL);
	for (size_t i = 0; i < RECORDS; i++) {
		if (journal_is_full(j, record(i).n))
			journal_turn(j);
		w.at[i] = *journal_at(j);
		check(journal_add(j, record(i)) == ST_OK);
	}
	while (w.at[w.first].pass + 1 < journal_at(j)->pass)
		w.first++;
	check(w.first > 0 && w.at[w.first].pass < journal_at(j)->pass);
	w.from = w.at[w.first];
	journal_close(&j);
}

static void
begin_world(void)
{
	static const char *const names[] = { "journal.0", "journal.1" };

	log_set_sink(drop_line);
	check(mkdtemp(w.path) != NULL);
	w.dir = open(w.path, O_RDONLY | O_DIRECTORY);
	check(w.dir >= 0 && atexit(end_world) == 0);
	add_records();
	for (int i = 0; i < 2; i++) {
		w.fd[i] = openat(w.dir, names[i], O_RDWR);
		check(pread(w.fd[i], w.original[i], LENGTH, 0) == LENGTH);
	}
}

/* Five bytes each: which file and what, where, and with what. */
static void
damage(struct span in, unsigned char (*files)[LENGTH], size_t *lengths)
{
	for (; in.n >= 5; in = span_from(in, 5)) {
		unsigned char *file = files[in.p[0] & 1];
		size_t at = (size_t)(in.p[1] << 8 | in.p[2]) % LENGTH;
		size_t other = (size_t)(in.p[3] << 8 | in.p[4]) % LENGTH;

		switch (in.p[0] >> 1 & 3) {
		case 0:
			file[at] ^= in.p[3];
			break;
		case 1:
			memmove(file + at / 512 * 512,
			    files[in.p[0] >> 3 & 1] + other / 512 * 512, 512);
			break;
		case 2:
			memset(file + at, in.p[3], MIN(in.p[4], LENGTH - at));
			break;
		default:
			lengths[in.p[0] & 1] = at;
		}
	}
}

static bool
header_is_there(size_t i, unsigned char (*files)[LENGTH], const size_t *lengths)
{
	size_t f = (size_t)(w.at[i].pass % 2);
	size_t at = (size_t)w.at[i].offset;

	/* A file ends with a page. */
	return at + 512 <= lengths[f] / 4096 * 4096 &&
	       memcmp(files[f] + at, w.original[f] + at, HEADER) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char files[2][LENGTH];
	size_t lengths[2] = { LENGTH, LENGTH };
	enum status st;
	struct journal *j;
	struct span got;
	size_t n;

	if (w.dir == 0)
		begin_world();
	n = w.first;
	memcpy(files, w.original, sizeof(files));
	damage(span_of(data, size), files, lengths);
	for (int i = 0; i < 2; i++)
		check(ftruncate(w.fd[i], 0) == 0 &&
		      pwrite(w.fd[i], files[i], lengths[i], 0) ==
			  (ssize_t)lengths[i]);

	j = opened(&w.from, false);
	if (j == NULL)
		return 0; /* shorter than the place */
	while ((st = journal_next(j, &got)) == ST_OK) {
		check(n < RECORDS && span_eq(got, record(n)));
		n++;
	}
	check(st == ST_NOTFOUND || st == ST_CORRUPT);
	for (size_t i = n + 1; i < RECORDS && st == ST_NOTFOUND; i++)
		check(!header_is_there(i, files, lengths));
	if (memcmp(files, w.original, sizeof(files)) == 0 &&
	    lengths[0] == LENGTH && lengths[1] == LENGTH)
		check(n == RECORDS && st == ST_NOTFOUND);
	journal_close(&j);
	return 0;
}
