#ifndef STORE_ROCKS_ROCKS_WORLD_H
#define STORE_ROCKS_ROCKS_WORLD_H

/* For tests of the rocks driver: stores, and what a crash leaves of them. */
#include <dlfcn.h>

#include "store/fixture.h"
#include "store/rocks/rocks.h"

/* For tests that have a rocksdb_write() of their own before RocksDB's. */
static inline void
real_write(rocksdb_t *db, const rocksdb_writeoptions_t *options,
    rocksdb_writebatch_t *batch, char **errptr)
{
	void (*real)(rocksdb_t *, const rocksdb_writeoptions_t *,
	    rocksdb_writebatch_t *, char **);

	*(void **)&real = dlsym(RTLD_NEXT, "rocksdb_write");
	real(db, options, batch, errptr);
}

static size_t journal_bytes; /* of the next store; 0 is what is usual */

static inline enum status
open_store(struct store **out, bool read_only)
{
	struct store_options o = {
		.driver = "rocks",
		.path = folder,
		.cache_bytes = 8 << 20,
		.journal_bytes = journal_bytes,
		.read_only = read_only,
	};

	return store_open(&o, out);
}

static inline struct store *
opened(void)
{
	struct store *s = NULL;

	assert_ok(open_store(&s, false));
	return s;
}

/*
 * What a crash at this moment would leave: a copy of the files as they are.
 * They may be at work on: it is copied again until nothing moved meanwhile.
 */
static inline void
copy_as_after_a_crash(void)
{
	char command[1024];

	snprintf(command, sizeof(command),
	    "for i in 1 2 3 4 5 6 7 8 9 10; do "
	    "a=$(ls -l --full-time %s %s/db 2>&-); rm -rf %s.crash; "
	    "cp -a %s %s.crash 2>&- && "
	    "[ \"$a\" = \"$(ls -l --full-time %s %s/db 2>&-)\" ] && exit 0; "
	    "sleep 0.2; done; exit 1",
	    folder, folder, folder, folder, folder, folder, folder);
	assert_int_equal(system(command), 0);
}

/* Opened beside what goes on. */
static inline struct store *
opened_copy(void)
{
	char original[64];
	struct store *s;

	strcpy(original, folder);
	strcat(folder, ".crash");
	s = opened();
	strcpy(folder, original);
	return s;
}

static inline struct store *
after_a_crash(void)
{
	copy_as_after_a_crash();
	return opened_copy();
}

static inline void
end_crash(struct store **s)
{
	char original[64];

	store_close(s);
	strcpy(original, folder);
	strcat(folder, ".crash");
	assert_int_equal(remove_folder(NULL), 0);
	strcpy(folder, original);
}

/* The state that many cases begin and end with. */
static inline struct store *
with_two_versions(void)
{
	struct store *s = opened();

	assert_ok(put(s, 7, 0, "a", "1"));
	assert_ok(put(s, 7, 1, "b", "2"));
	return s;
}

static inline void
assert_nothing_happened(struct store *s)
{
	assert_int_equal(version(s, 7), 2);
	assert_span(all(s, 7), "a=1 b=2 ");
	assert_no_body(s, 7, 1);
	assert_no_body(s, 7, 2);
}

#endif
