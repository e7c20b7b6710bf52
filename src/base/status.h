#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/*
 * The one result of everything that can fail.  A value says what the caller
 * may do about it; where and why it happened is in the log.
 */
#ifdef __clang__
#define CHECKED __attribute__((warn_unused_result))
#else
#define CHECKED
#endif

enum CHECKED status {
	ST_OK = 0,
	ST_AGAIN, /* not yet: call again when there is input or room */
	ST_BAD,   /* the peer broke the protocol */
	ST_NOTFOUND,
	ST_EXISTS,
	ST_DENIED,
	ST_LIMIT,   /* a configured bound was reached */
	ST_QUOTA,   /* the account's quota was reached */
	ST_FULL,    /* no room is left on the disk: already logged */
	ST_CORRUPT, /* stored data fails its own checks */
	ST_IO,      /* the system refused: already logged */
};

/* One lower-case word. */
const char *status_name(enum status st);

#endif
