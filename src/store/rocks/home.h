#ifndef STORE_ROCKS_HOME_H
#define STORE_ROCKS_HOME_H

#include "store/store.h"

/*
 * The folder of a store: `lock`, held by the process that has it open;
 * `format`, one line with the version of all that lies here; `db`, which is
 * RocksDB's; the files of the journal (journal.h); and `reserve`, some room
 * for a start on a full disk.  The format stands outside the database, so
 * that another one is refused before anything of it is touched.
 */
struct home {
	char *db; /* the path of RocksDB's folder */
	int folder;
	int lock; /* -1 if read-only and there is none */
};

/*
 * Makes the folder if it is missing and isn't wanted read-only.  Errors as
 * store_open().
 */
enum status home_open(const struct store_options *o, struct home *out);
void home_close(struct home *h);

/* Puts some room aside, if there is any; gives it back, if there was some. */
void home_keep_reserve(const struct home *h);
bool home_give_reserve(const struct home *h);

/* Whether so many bytes could be written now. */
bool home_has_room(const struct home *h, uint64_t bytes);

/* What the files of RocksDB's folder occupy whose names end so. */
uint64_t home_bytes(const struct home *h, const char *suffix);

#endif
