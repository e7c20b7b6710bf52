#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*
 * Every bound on what a peer may ask for.  Those that an administrator may
 * set have the setting's name behind them; the value here is the default.
 * Sizes are bytes, times milliseconds.
 */

/* Commands */
#define LIMIT_COMMAND_LINE    65536 /* limits.command-line */
#define LIMIT_TAG             64
#define LIMIT_LITERAL_INLINE  65536    /* literals that are no message */
#define LIMIT_APPEND          67108864 /* limits.append: APPENDLIMIT */
#define LIMIT_APPEND_MESSAGES 10000    /* of one MULTIAPPEND */
#define LIMIT_PREAUTH_LINE    16384
#define LIMIT_PREAUTH_LITERAL 4096
#define LIMIT_SEARCH_NESTING  32  /* limits.search-nesting */
#define LIMIT_SEARCH_DEPTH    100 /* the most that it can be set to */
#define LIMIT_SEARCH_KEYS     1000
#define LIMIT_FUZZY_WORDS     16 /* of one string; more are not looked at */
#define LIMIT_FUZZY_LETTERS   32 /* a longer word is found exactly only */
#define LIMIT_FUZZY_SEARCH    64 /* words of all strings of a search */
#define LIMIT_LIST_PATTERNS   64
#define LIMIT_LIST_PATTERN    4096 /* bytes of one, with its reference */
#define LIMIT_FETCH_ITEMS     100
#define LIMIT_HEADER_FIELDS   200 /* names in one HEADER.FIELDS */
#define LIMIT_SORT_KEYS       20
#define LIMIT_ENABLE_NAMES    64
#define LIMIT_ID_PAIRS        30 /* RFC 2971 section 3.3, and the next two */
#define LIMIT_ID_NAME         30
#define LIMIT_ID_VALUE        1024
#define LIMIT_QUOTA_RESOURCES 16

/* Mailboxes */
#define LIMIT_MAILBOX_NAME  1000  /* limits.mailbox-name, in UTF-8 */
#define LIMIT_MAILBOX_DEPTH 30    /* limits.mailbox-depth */
#define LIMIT_MAILBOXES     10000 /* limits.mailboxes, in an account */
#define LIMIT_KEYWORD       100
#define LIMIT_KEYWORDS      123 /* in a mailbox: 128 bits less 5 flags */

/* MIME */
#define LIMIT_MIME_DEPTH       100   /* limits.mime-nesting */
#define LIMIT_MIME_PARTS       10000 /* limits.mime-parts */
#define LIMIT_MIME_PARAMS      100
#define LIMIT_MIME_PARAM_TRIES 1000    /* pieces of one part, good or not */
#define LIMIT_MIME_PARAM_BYTES 65536   /* of one part, decoded */
#define LIMIT_HEADER_BYTES     1048576 /* past it, a header's end is assumed */
#define LIMIT_ADDRESSES        1000    /* in one field of an ENVELOPE */
#define LIMIT_REFERENCES       200
#define LIMIT_SEARCH_KEY       65536   /* of one field kept for SEARCH */
#define LIMIT_THREAD_UNKNOWN   1000000 /* referenced, not there; one THREAD */
#define LIMIT_MESSAGE_ID       998
#define LIMIT_MIME_TYPE        127     /* RFC 6838 section 4.2 */
#define LIMIT_MIME_ENVELOPE    1048576 /* past it, what may be NIL is NIL */
#define LIMIT_MIME_STRUCTURE   8388608
#define LIMIT_MIME_INNER       8388608 /* headers of messages in a message */
#define LIMIT_MIME_BOUNDARY    998
#define LIMIT_SUMMARIES        134217728 /* of an account, not on disk yet */
#define LIMIT_PORTIONS         4         /* of an account, being summarised */
#define LIMIT_SORT_TEXT        4096      /* what a sort key is made from */
#define LIMIT_SORT_KEY         1000
#define LIMIT_PREVIEW          200    /* characters */
#define LIMIT_PREVIEW_SOURCE   524288 /* bytes of a part, looked at for it */

/* Connections */
#define LIMIT_CONNECTIONS_PER_ADDRESS 100   /* limits.connections-per-address */
#define LIMIT_CONNECTIONS_PER_USER    100   /* limits.connections-per-user */
#define LIMIT_PREAUTH_CONNECTIONS     2000  /* limits.preauth-connections */
#define LIMIT_LOGIN_MS                60000 /* limits.login-time */
#define LIMIT_IDLE_MS                 1860000 /* limits.idle-time: 31 min */
#define LIMIT_STALL_MS                300000  /* limits.stall-time */
#define LIMIT_OUTPUT                  262144  /* limits.output: waiting bytes */
#define LIMIT_PREAUTH_OUTPUT          8192    /* waiting bytes */
#define LIMIT_PREAUTH_ERRORS          10      /* commands that are none */
#define LIMIT_PREAUTH_FAILURES        10      /* logins that fail */
#define LIMIT_PUMP                    65536 /* each way, between TLS and mail */
#define LIMIT_LMTP_RECIPIENTS         1000
#define LIMIT_LMTP_LINE               4096
#define LIMIT_LMTP_CLIENT             255 /* of its name in LHLO */
#define LIMIT_LMTP_ERRORS             20  /* commands that are wrong */
#define LIMIT_LMTP_DELIVERED_TO       100 /* recipients that a header names */
#define LIMIT_LMTP_IDLE_MS            300000 /* RFC 5321 section 4.5.3.2.7 */
#define LIMIT_INPUT_HELD              16384  /* read ahead of a command */

/* Who logs in */
#define LIMIT_USER_NAME 320
#define LIMIT_PASSWORD  1024
#define LIMIT_MECHANISM 20    /* RFC 4422, section 3.1 */
#define LIMIT_SASL_BLOB 32768 /* one challenge or response, decoded */
#define LIMIT_BINDING   256   /* channel binding data (RFC 5056) */
#define LIMIT_TLS_NAME  256   /* the name in a client's certificate */

/* What auth keeps in memory */
#define LIMIT_EXCHANGES       2000  /* logins under way, of one gate */
#define LIMIT_EXCHANGE_MS     60000 /* for one login */
#define LIMIT_CHECKS          500   /* passwords that wait to be checked */
#define LIMIT_SEEN            256   /* logins that are not noted yet */
#define LIMIT_TICKETS         10000
#define LIMIT_TICKET_MS       30000
#define LIMIT_REMEMBERED      100000    /* passwords that were right */
#define LIMIT_KNOWN           20000     /* accounts, by name and by number */
#define LIMIT_FAILURES        100000    /* counts of failed logins */
#define LIMIT_FAILURE_MS      15000     /* the longest delay of an answer */
#define LIMIT_GOOD_ADDRESSES  100000    /* of good logins */
#define LIMIT_GOOD_ADDRESS_MS 604800000 /* 7 days */

/* Messages between processes */
#define LIMIT_PACKET        65536   /* above, it goes as a memory file */
#define LIMIT_PACKET_FILE   8388608 /* settings with many certificates */
#define LIMIT_PACKET_FDS    4
#define LIMIT_CHANNEL_QUEUE 1048576 /* waiting for a slow process */
#define LIMIT_SESSION_INPUT 65536   /* read by the gate, for mail to parse */
#define LIMIT_ADDRESS_TEXT  128     /* an IP address or the path of a socket */
#define LIMIT_REFUSAL_TEXT  256     /* why a login was refused */
#define LIMIT_MECHANISMS    512     /* names of all, with spaces between */
#define LIMIT_GATES         128
#define LIMIT_PROCESSES     (LIMIT_GATES + 2)

/* The control socket */
#define LIMIT_CONTROL_FRAME  142606336 /* a message and its facts */
#define LIMIT_CONTROL_ITEMS  1000      /* in one request to import */
#define LIMIT_IMPORT_MESSAGE 134217728 /* past limits.append */
#define LIMIT_CONTROL_ROWS   1000      /* in one answer to export */
#define LIMIT_CONTROL_BODY   1048576   /* bytes in one answer */

/* Settings */
#define LIMIT_PATH             4096
#define LIMIT_SETTINGS_FILE    262144
#define LIMIT_CERTIFICATES     64
#define LIMIT_CERTIFICATE_FILE 262144 /* a chain, a key or a list of CAs */

/* Accounts */
#define LIMIT_PASSWORD_PREPARED 20000   /* NFKC: a character may become 18 */
#define LIMIT_HASH_KIB          262144  /* of an imported argon2 hash */
#define LIMIT_HASH_PASSES       64      /* the same */
#define LIMIT_HASH_LANES        16      /* the same */
#define LIMIT_HASH_ROUNDS       2000000 /* of an imported $5$ or $6$ */
#define LIMIT_HASH_BCRYPT       14      /* 2 to the power of rounds */

#endif
