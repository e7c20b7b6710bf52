#ifndef SERVICE_COUNTERS_H
#define SERVICE_COUNTERS_H

#include "base/span.h"
#include "base/status.h"

/*
 * Who is connected, over all processes: a table in memory that they share.
 *
 * Each process has a row and writes to no other; to read is to add up the
 * rows.  When a process dies the master clears its row.  Whoever holds a
 * client's socket counts it: a gate up to login and, with TLS, for as long
 * as it pumps; else mail from login on.
 *
 * Keys       An address or a user is counted in two of the slots of a row,
 *            found by a keyed hash, and its count is the smaller of the two:
 *            now and then too high, never too low.
 * Threads    Safe from all threads of the process.
 */
struct counters;

enum gauge {
	GAUGE_CONNECTIONS, /* client sockets held */
	GAUGE_PREAUTH,     /* of these, not logged in yet */
	GAUGE_SESSIONS,    /* logged in */
	GAUGES,
};

/* For the master; every process after it uses the descriptor. */
enum status counters_new(uint32_t rows, struct counters **out, int *out_fd);

/* Maps fd, which stays the caller's.  ST_BAD if it isn't such a table. */
enum status counters_open(int fd, uint32_t row, struct counters **out);
void counters_close(struct counters **c);

void counters_clear_row(struct counters *c, uint32_t row);

/* delta is 1 or -1. */
void counters_add(struct counters *c, enum gauge g, int delta);
uint64_t counters_sum(const struct counters *c, enum gauge g);

/* The kinds keep an address and a user of the same name apart. */
enum counted { COUNTED_ADDRESS, COUNTED_USER };

void counters_enter(struct counters *c, enum counted kind, struct span key);
void counters_leave(struct counters *c, enum counted kind, struct span key);
uint64_t counters_count(const struct counters *c, enum counted kind,
    struct span key);

#endif
