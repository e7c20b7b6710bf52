#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/store.h"

/* What a batch recorded, for the drivers to read. */
enum batch_kind {
	BATCH_PUT,
	BATCH_DELETE,
	BATCH_DELETE_RANGE,
	BATCH_BODY,
	BATCH_LONG_BODY,
	BATCH_BODY_DROP,
	BATCH_ERASE,
};

struct batch_op {
	enum batch_kind kind;
	uint64_t body;
	struct span key; /* where a range begins */
	/* Of a body its head (body.h), of a long one its bytes; where a range
	   ends. */
	struct span value;
};

struct batch {
	uint64_t account;
	uint64_t base;
	struct batch_op *ops;
	size_t n;
	size_t cap;
	size_t bytes;
	bool large;
	uint64_t ahead;      /* the driver's: whether it was prepared */
	struct arena *arena; /* keys and values */
};

#endif
