#ifndef DIRECTORY_SQLITE_H
#define DIRECTORY_SQLITE_H

#include "database/database.h"
#include "directory/backend.h"

/* The directory in SQLite, for its own source files. */
struct sqlite {
	struct directory base;
	struct database db;
	uint64_t data_version; /* of the last poll; 0: none yet */
	uint64_t last_change;  /* that a poll told of */
};

static inline struct sqlite *
sqlite_self(struct directory *d)
{
	return (struct sqlite *)d;
}

/* A statement of sqlite_schema.h, its first parameter bound. */
sqlite3_stmt *sqlite_statement(struct sqlite *s, size_t i);
sqlite3_stmt *sqlite_id(struct sqlite *s, size_t i, uint64_t id);
sqlite3_stmt *sqlite_text(struct sqlite *s, size_t i, struct span text);

/* The operations of directory/backend.h that write. */
enum status sqlite_add(struct directory *d, struct span name,
    const struct secret *secret, uint64_t *out_id);
enum status sqlite_set_secret(struct directory *d, uint64_t id,
    const struct secret *secret);
enum status sqlite_upgrade(struct directory *d, uint64_t id, const char *was,
    const struct secret *secret);
enum status sqlite_set_enabled(struct directory *d, uint64_t id, bool on);
enum status sqlite_set_quota(struct directory *d, uint64_t id, uint64_t bytes,
    uint64_t messages);
enum status sqlite_delete(struct directory *d, uint64_t id);
enum status sqlite_certificate_add(struct directory *d, uint64_t id,
    struct span certificate);
enum status sqlite_certificate_remove(struct directory *d,
    struct span certificate);
enum status sqlite_seen(struct directory *d, const uint64_t *ids, size_t n,
    int64_t wall);

#endif
