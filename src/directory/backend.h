#ifndef DIRECTORY_BACKEND_H
#define DIRECTORY_BACKEND_H

#include "directory/directory.h"

/*
 * What a backend of the directory implements; directory.c does the rest.
 * Functions are as in directory/directory.h, but names are prepared, and
 * what may not be (lengths, empty certificates) was refused before.
 */
struct directory_ops {
	void (*close)(struct directory *d);
	enum status (*verify)(struct directory *d);
	enum status (
	    *find)(struct directory *d, struct span name, struct account *out);
	enum status (
	    *find_id)(struct directory *d, uint64_t id, struct account *out);
	enum status (*find_certificate)(struct directory *d,
	    struct span certificate, struct account *out);
	enum status (*list)(struct directory *d, struct span prefix,
	    directory_visit_fn *fn, void *ctx);
	enum status (*add)(struct directory *d, struct span name,
	    const struct secret *s, uint64_t *out_id);
	enum status (*set_secret)(struct directory *d, uint64_t id,
	    const struct secret *s);
	enum status (*set_enabled)(struct directory *d, uint64_t id, bool on);
	enum status (*set_quota)(struct directory *d, uint64_t id,
	    uint64_t bytes, uint64_t messages);
	enum status (*delete)(struct directory *d, uint64_t id);
	enum status (*certificate_add)(struct directory *d, uint64_t id,
	    struct span certificate);
	enum status (
	    *certificate_remove)(struct directory *d, struct span certificate);
	enum status (*certificates)(struct directory *d, uint64_t id,
	    directory_certificate_fn *fn, void *ctx);
	enum status (
	    *hash)(struct directory *d, uint64_t id, char out[SECRET_HASH_MAX]);
	/* ST_NOTFOUND also for an account without such keys. */
	enum status (*scram)(struct directory *d, struct span name,
	    enum scram_hash h, struct scram_keys *out, uint64_t *out_id);
	/*
	 * Stores another form of the same password, which is no change that
	 * a poll tells of; nothing if the hash isn't was any more.
	 */
	enum status (*upgrade)(struct directory *d, uint64_t id,
	    const char *was, const struct secret *s);
	enum status (*seen)(struct directory *d, const uint64_t *ids, size_t n,
	    int64_t wall);
	/* clang-format off */
	enum status (*poll)(struct directory *d, directory_change_fn *fn,
	    void *ctx);
	/* clang-format on */
	enum status (*rewind)(struct directory *d);
};

#define DIRECTORY_KEY_BYTES 32

/* A backend's own struct begins with this. */
struct directory {
	const struct directory_ops *ops;
	struct secret_costs costs;
	const struct log *log;
	/* Made with the directory and secret like its hashes. */
	unsigned char key[DIRECTORY_KEY_BYTES];
};

/* SQLite, in one file of the folder. */
enum status directory_sqlite_open(const struct directory_options *o,
    struct directory **out);

#endif
