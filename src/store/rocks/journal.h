#ifndef STORE_ROCKS_JOURNAL_H
#define STORE_ROCKS_JOURNAL_H

#include "base/log.h"
#include "base/status.h"
#include "store/rocks/place.h"

/*
 * Records that are on disk when they are acknowledged: two files that are
 * written by turns, over what they held before.  A flush of blocks that are
 * there already costs the disk less than half of one that makes a file grow.
 *
 * The files are `journal.0` and `journal.1`.  A pass through one of them is
 * numbered from 0 on; pass n is in file n % 2 and begins at offset 0.  A
 * record begins at a multiple of 512 with its sequence number, its length and
 * a hash of its bytes (8 bytes each, little-endian), and a hash of these.
 *
 * Hashes are SipHash with a secret key that each pass has of its own.  So
 * neither what an earlier pass left nor what a peer puts into a message looks
 * like a record.
 *
 * Order      A record is flushed before the next one is begun, and one that
 *            was refused is taken out before anything else is written.  So
 *            where reading ends and a later record follows, what was
 *            acknowledged is damaged; otherwise the end is that of the
 *            journal, or a record that nobody was told of.  (Damage to the
 *            very last record looks the same.)
 * Place      Whoever applies the records must remember, on disk, a place from
 *            which on they are not yet applied.  It has the keys of its pass
 *            and of the next; a pass may begin when a place with its key is
 *            on disk, and all that its file held before is.
 * Power      Bytes of a sector that are written again unchanged survive a
 *            loss of power, as with any log.  No block is zeroed or made to
 *            belong to a file in the flush that acknowledges a record.
 * Errors     ST_FULL  no room for a file to grow: logged, and so is
 *            ST_IO    the disk refused;
 *            ST_CORRUPT  acknowledged records are damaged.
 * Threads    journal_grow() may be called by one thread while another uses
 *            the journal; all else by one at a time.
 */
struct journal;

/* Of a pass, unless one record is longer; and by which a file grows. */
#define JOURNAL_BYTES 67108864
#define JOURNAL_STEP  1048576

struct journal_options {
	int folder;          /* borrowed */
	bool make;           /* missing files; otherwise they are ST_CORRUPT */
	uint64_t pass_bytes; /* JOURNAL_BYTES, or less for tests */
	const struct log *log; /* borrowed */
};

/* Begins at a place. */
enum status journal_open(const struct journal_options *o,
    const struct place *at, struct journal **out);
void journal_close(struct journal **j);

/*
 * The next record, good until the next call; moves on behind it.  After the
 * last one of a pass that is the first of the next pass.  ST_NOTFOUND  there
 * is none: from now on records may be added.
 */
enum status journal_next(struct journal *j, struct span *out);

/* The place of the next record. */
const struct place *journal_at(const struct journal *j);

/* Whether a record of n bytes belongs into the next pass. */
bool journal_is_full(const struct journal *j, size_t n);

/* Begins the next pass.  See "Place" above for when that is allowed. */
void journal_turn(struct journal *j);

/*
 * Adds a record and flushes it.  If that fails, it is taken out again; if
 * that fails as well, the journal is uncut until it doesn't: the log says
 * store.journal.uncut, and no record is taken.
 */
enum status journal_add(struct journal *j, struct span bytes);

/* Takes out the last record that was added. */
void journal_undo(struct journal *j);

/* Tries again if it is uncut.  ST_OK  it isn't. */
enum status journal_cut(struct journal *j);

/*
 * How long the file should soon be, for two more records of n bytes at least,
 * so that they need not wait for it to grow; 0: it is long enough.
 */
uint64_t journal_wants(const struct journal *j, size_t n);

/* Makes the file of a pass as long as that at least, in whole steps. */
enum status journal_grow(struct journal *j, uint64_t pass, uint64_t bytes);

/* What the files occupy in that folder. */
uint64_t journal_disk_bytes(int folder);

#endif
