#ifndef AUTH_TICKETS_H
#define AUTH_TICKETS_H

#include "base/span.h"

/*
 * Tickets: what a gate gets for a good login and gives to mail, who redeems
 * it.  Random, good once, for LIMIT_TICKET_MS and for one account; more than
 * LIMIT_TICKETS at a time make the oldest void.
 */
struct tickets;

#define TICKET_BYTES 16

struct tickets *tickets_new(void);
void tickets_free(struct tickets **t);

void tickets_issue(struct tickets *t, uint64_t account, int64_t now_ms,
    unsigned char out[TICKET_BYTES]);

/* The account, or 0; the ticket is void afterwards. */
uint64_t tickets_redeem(struct tickets *t, struct span ticket, int64_t now_ms);

#endif
